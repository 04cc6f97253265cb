import ast
import sys

import pytest
from config.expression_texts import SAFE, VALUES
from hypothesis import given, settings

from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.foreseen import UNKNOWN, Foresight
from bundlert.config.evaluation.functions import ENVIRONMENT, Module
from bundlert.registry.registry import standard

IMPORTS = {"Path": "pathlib.Path", "partial": "functools.partial", "date": "datetime.date", "nn": "torch.nn"}
IMPORTS |= {"Events": "ignite.engine.Events"}
SIGHT = Foresight(standard(), IMPORTS)


def part(text):
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "dotted"),
    [
        ("len", "len"),
        ("os.path.join", "os.path.join"),
        ("Path", "pathlib.Path"),
        ("nn.Linear", "torch.nn.Linear"),
        ("monai.anything.there", "monai.anything.there"),
        ("os.environ.get", "os.environ.get"),
        ("os.sep.join", None),
        ("foo.bar", None),
        ("[].append", None),
    ],
)
def test_names_are_followed_through_imports_and_modules(text, dotted):
    assert SIGHT.dotted(part(text), ()) == dotted


def test_a_name_that_is_bound_means_nothing_of_that():
    assert SIGHT.dotted(part("os.path.join"), {"os"}) is None
    assert SIGHT.value(part("UNet"), {"UNet"}) is UNKNOWN


def test_values_are_known_by_their_kinds():
    assert SIGHT.value(part("os.environ"), ()) is ENVIRONMENT
    assert isinstance(SIGHT.value(part("torch.nn"), ()), Module)
    texts = ("[x for x in y]", "f'{x}'", "{}", "7", "sorted(x)")
    assert [SIGHT.value(part(text), ()) for text in texts] == [[], "", {}, 7, []]
    assert SIGHT.value(part("x.y"), ()) is UNKNOWN
    assert SIGHT.value(part("UNet(1)"), ()) is UNKNOWN


REFUSED = {
    "(x for x in [1]).gi_frame": "'.gi_frame' of a list isn't listed for expressions",
    "partial(len).func": "'.func' of a partial isn't listed for expressions",
    "Path('a').write_text('b')": "'.write_text' of a PosixPath isn't listed for expressions",
    "Path.cwd()": "'.cwd' of a type isn't listed for expressions",
    "date.today()": "'.today' of a type isn't listed for expressions",
    "UNet.forward": "'.forward' of a type isn't listed for expressions",
    "torch.nn.Linear.forward": "'.forward' of a type isn't listed for expressions",
    "dict.fromkeys([1])": "'.fromkeys' of a type isn't listed for expressions",
    "(lambda: 0).call": "'.call' of a function isn't listed for expressions",
    "np.array([1]).tofile('f')": "'.tofile' of a ndarray isn't listed for expressions",
    "torch.ones(1).storage()": "'.storage' of a Tensor isn't listed for expressions",
    "x.share_memory()": "'.share_memory' isn't listed for expressions",
    "str(x).format(1)": "'.format' of a str isn't listed for expressions",
    "os.environ.update({})": "'.update' of a Environment isn't listed for expressions",
    "os.environ['A_TOKEN']": "the variable 'A_TOKEN' may hold a secret",
    "os.environ.get('A_TOKEN', 1)": "the variable 'A_TOKEN' may hold a secret",
    "os.getenv('A_TOKEN')": "the variable 'A_TOKEN' may hold a secret",
    "dict(os.environ)": "the environment can't be listed",
    "open(x, 'w')": "a file can't be opened with the mode 'w' in an expression",
    "open(x, mode='a')": "a file can't be opened with the mode 'a' in an expression",
    "setattr(torch, 'load', x)": "'load' of 'torch' can't be set in an expression",
    "setattr(torch.backends.cudnn, 'benchmark', 'yes')": "'benchmark' of 'torch.backends.cudnn' can't be set",
    "setattr(UNet, 'forward', x)": "'forward' of 'type' can't be set in an expression",
    "torch.distributed.init_process_group('gloo', 'tcp://x')": "processes can't meet at 'tcp://x'",
}


def checked(text):
    for node in ast.walk(part(text)):
        SIGHT.check(node, {"x"})


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_be_refused_whatever_the_values_are_is_refused_before(text):
    with pytest.raises(ExpressionError) as caught:
        checked(text)
    assert str(caught.value).startswith(REFUSED[text])


@pytest.mark.parametrize(
    "text",
    [
        "sorted(x).index(1)",
        "Path('a').parent.parent",
        "np.array(x).astype(np.uint8).shape",
        "torch.tensor(x).to('cpu').numpy()",
        "os.environ.get('RANK', 0)",
        "os.environ['RANK']",
        "open(x).read()",
        "open(x, x)",
        "open(*x)",
        "os.getenv(5)",
        "dict(x)",
        "setattr(torch.backends.cudnn, 'benchmark', x)",
        "setattr(x, x, x)",
        "torch.distributed.init_process_group(init_method='env://')",
        "torch.distributed.init_process_group(**x)",
        "Events.STARTED.name",
        "UNet(1).parameters()",
        "'a'.join(x).upper()",
    ],
)
def test_what_depends_on_values_is_left_to_them(text):
    checked(text)


def test_an_enumeration_has_members_whether_its_module_is_loaded_or_not(monkeypatch):
    import ignite.engine  # noqa: F401

    checked("Events.STARTED.name")
    monkeypatch.delitem(sys.modules, "ignite.engine")
    checked("Events.STARTED.name")


@settings(max_examples=100)
@given(SAFE)
def test_what_only_computes_is_no_alarm(text):
    for node in ast.walk(part(text)):
        SIGHT.check(node, VALUES)
