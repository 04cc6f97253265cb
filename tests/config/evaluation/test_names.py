import math
import sys

import pytest
import torch
from config.toy import REGISTRY, Pair, tree_of

from bundlert.config.build import Builder
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.functions import Module
from bundlert.config.evaluation.names import Names
from bundlert.errors import ConfigError

SEALED = Names(REGISTRY)
TRUSTED = Names(REGISTRY.trusted())


def trusted(text, config_id="x"):
    return Builder(tree_of(text), REGISTRY.trusted()).get(config_id)


def test_a_bare_name_is_an_import_then_a_builtin_then_a_module_then_a_component():
    names = Names(REGISTRY, lambda: {"len": "math.floor", "p": "os.path"})
    assert names.find("len") is math.floor
    assert names.find("p").dotted == "os.path"
    assert names.find("max") is max
    assert names.find("torch").dotted == "torch"
    assert names.find("Pair") is Pair


@pytest.mark.parametrize(
    ("dotted", "value"), [("math.pi", math.pi), ("math.floor", math.floor), ("monai.utils.CommonKeys.LABEL", "label")]
)
def test_an_import_gives_what_is_listed(dotted, value):
    assert SEALED.imported(dotted) == value


@pytest.mark.parametrize("dotted", ["os", "os.path", "torch.distributed", "datetime.datetime", "monai.networks.any"])
def test_modules_and_listed_classes_stay_names_until_they_are_used(dotted):
    found = SEALED.imported(dotted)
    assert isinstance(found, Module)
    assert found.dotted == dotted


REFUSED = [
    *("subprocess", "os.system", "sys.modules", "builtins", "importlib", "torch.hub", "torch.load", "numpy.load"),
    *("os.path.os", "math.pi.real", "ctypes", "torch.ops", "pathlib.os", "json.codecs", "logging.config", "glob.os"),
    *("functools.reduce", "copy.copyreg", "datetime.sys", "os.environ.copy"),
]


@pytest.mark.parametrize("dotted", REFUSED)
def test_everything_else_is_refused_sealed(dotted):
    with pytest.raises(ExpressionError, match="isn't listed for expressions"):
        SEALED.imported(dotted)
    assert SEALED.refusal(dotted) is not None


@pytest.mark.parametrize("dotted", ["os", "os.path.join", "math.pi", "torch.nn.Linear", "monai.utils.first", "json"])
def test_whether_an_import_is_refused_can_be_seen_without_it(dotted):
    assert SEALED.refusal(dotted) is None


def test_a_refusal_says_what_to_do_instead():
    assert SEALED.refusal("pandas.read_csv").hint == "list the cases in JSON or YAML, and read them with a component"
    assert SEALED.refusal("math.flor").hint == "did you mean 'floor'?"
    assert SEALED.refusal("mth").hint == "did you mean 'math'?"


@pytest.mark.parametrize(
    ("dotted", "what"),
    [
        ("monai.networks.nothing", "there is no component called 'monai.networks.nothing'"),
        ("monai.data.PersistentDataset", "the field's 'monai.data.PersistentDataset' isn't built here yet"),
    ],
)
def test_what_the_field_has_and_this_house_has_not_is_refused_as_a_component_would_be(dotted, what):
    with pytest.raises(ExpressionError) as caught:
        SEALED.called(SEALED.imported(dotted))
    assert str(caught.value) == what
    assert caught.value.hint


def test_trusted_code_may_import_and_name_anything():
    assert TRUSTED.imported("collections.Counter")("aab") == {"a": 2, "b": 1}
    assert TRUSTED.imported("xml.dom").__name__ == "xml.dom"
    assert TRUSTED.find("getattr") is getattr
    assert TRUSTED.refusal("subprocess") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("i: $import collections\nx: $collections.Counter('aab').most_common(1)", [("a", 2)]),
        ("x: $getattr(1, 'real')", 1),
        ("x: $(1).__class__", int),
        ("p: {_target_: Pair}\nx: $@p._secret", 1),
        ("p: {_target_: Pair}\nx: '@p::_secret'", 1),
        ("x: \"$'{0}-{1}'.format(1, 2)\"", "1-2"),
        ("i: $import sys\nx: $sys.platform", sys.platform),
        ("x: $torch.nn.functional.relu(torch.tensor([-1.0])).tolist()", [0.0]),
        ("x: '$list(map(lambda a: a + 1, [1]))'", [2]),
    ],
)
def test_expressions_of_trusted_code_reach_everything(text, value):
    assert trusted(text) == value


def test_trusted_code_takes_what_it_needs():
    assert trusted("x: $len([0 for i in range(1_000_001)])", "x") == 1_000_001
    assert trusted("x: '$lambda: 1 << 20_000'", "x")() == 1 << 20_000
    assert trusted("x: '$lambda image: (image + 1).sum().item()'", "x")(torch.zeros(11_000_000)) == 11_000_000


def test_trusted_code_that_is_not_there_is_told_with_its_place():
    with pytest.raises(ConfigError, match=r"No module named 'nothing_there'\n  at: c.yaml:1:4 \(x\)"):
        trusted("x: $import nothing_there")
    with pytest.raises(ConfigError, match=r"No module named 'math.nothing'.*\n  at: c.yaml:1:4 \(x\)"):
        trusted("x: $from math import nothing")
