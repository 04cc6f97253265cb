import math
import warnings
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from config.expression_texts import ANY, SAFE, VALUES, evaluated
from config.toy import Pair, computed
from hypothesis import given, settings

from bundlert.config.evaluation.error import ExpressionError
from bundlert.errors import ConfigError

ORDINARY = (ExpressionError, ValueError, TypeError, ArithmeticError, LookupError)


def python_says(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return eval(text, deepcopy(VALUES))  # noqa: S307 (the grammar is safe)


@given(SAFE)
@settings(max_examples=300, deadline=None)
def test_the_value_is_the_one_of_python(text):
    try:
        expected = python_says(text)
    except ORDINARY as error:
        with pytest.raises((type(error), ExpressionError)):
            evaluated(text)
    else:
        assert repr(evaluated(text)) == repr(expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's own, where it divides by zero
@given(ANY)
@settings(max_examples=300, deadline=None)
def test_any_expression_has_a_value_or_an_ordinary_mistake(text):
    ordinary = (ConfigError, *ORDINARY, *([RuntimeError] if "torch" in text else []))  # torch's own
    with suppress(*ordinary):
        evaluated(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[
            ("7 // 2 ** 2 % 3", 1),
            ("-7 % 3", 2),
            ("~5 & 3 | 8 ^ 1", -6 & 3 | 8 ^ 1),
            ("1 << 4 >> 1", 8),
            ("5 / 2", 2.5),
        ],
        *[("1 < 2 < 3", True), ("1 < 3 < 2", False), ("1 == 1.0 is not None", True), ("'a' in 'cat'", True)],
        *[("0 or [] or 'x'", "x"), ("1 and 0 and x", 0), ("not 1", False), ("1 if 0 else 2", 2), ("True or x", True)],
        *[("[1, *xs, *(4,)]", [1, 1, 2, 3, 4]), ("{'a': 1, **d}['k']", 1), ("{1, 2} | {3}", {1, 2, 3}), ("xs[-1]", 3)],
        *[("xs[1:]", [2, 3]), ("xs[::-1]", [3, 2, 1]), ("t[1:3]", "ex"), ("(1, 2)[0]", 1), ("b'ab'[0]", 97)],
        *[("[x * y for x in xs for y in xs if y > x]", [2, 3, 6]), ("{x: -x for x in xs}", {1: -1, 2: -2, 3: -3})],
        *[("{x % 2 for x in xs}", {0, 1}), ("sum(x for x in xs)", 6), ("[b for a, (b, c) in [(1, (2, 3))]]", [2])],
        *[
            ("f'{i:03d}|{t!r}|{i:{i}}|{{}}'", "003|'text'|  3|{}"),
            ("'%s=%02d' % (t, i)", "text=03"),
            ("'ab' * 2", "abab"),
        ],
        *[("sum([[1], [2]], [])", [1, 2]), ("sum([(1,), (2,)], ())", (1, 2)), ("math.prod(xs, start=2)", 12)],
        *[
            ("dict(a=1, b=[*xs])['b']", [1, 2, 3]),
            ("sorted(['bb', 'a'], key=len)", ["a", "bb"]),
            ("max(xs, key=abs)", 3),
        ],
        *[("t.upper().replace('X', '-')", "TE-T"), ("', '.join(['a', 'b'])", "a, b"), ("'7'.zfill(3)", "007")],
        *[
            ("d.get('z', 5)", 5),
            ("list(d.items())[0]", ("k", 1)),
            ("(5).bit_length()", 3),
            ("list(range(2, 6, 2))", [2, 4]),
        ],
        *[("os.path.join('a', 'b.nii')", "a/b.nii"), ("math.sqrt(16) + math.pi - math.pi", 4.0), ("str(1.5)", "1.5")],
        *[("list(zip(xs, 'ab'))", [(1, "a"), (2, "b")]), ("[i for i, x in enumerate(xs) if x == 2]", [1])],
    ],
)
def test_what_can_be_computed(text, expected):
    result = evaluated(text)
    assert (type(result), result) == (type(expected), expected)


def test_arrays_and_tensors_can_be_computed_with():
    assert evaluated("torch.tensor([1, 2]).float().mean().item()") == 1.5
    assert evaluated("torch.zeros(2, 3, dtype=torch.int64).shape") == (2, 3)
    assert evaluated("torch.ones((2, 2)) @ torch.ones(2, 1)").tolist() == [[2.0], [2.0]]
    assert evaluated("(np.arange(3)[:, None] * np.linspace(0, 1, 2))[2, 1]") == 2.0
    assert evaluated("np.array([[1, 2]], dtype='float32')[0, [1, 0]]").tolist() == [2.0, 1.0]
    assert evaluated("torch.device('cpu').type") == "cpu"
    assert evaluated("sum([torch.ones(2), torch.ones(2)])").tolist() == [2.0, 2.0]
    assert math.isinf(evaluated("np.inf"))


def test_objects_of_components_show_what_is_public():
    assert computed("$@p.total() + @p.left", p=Pair(1, 2)) == 4
    assert len(list(computed("$@n.parameters()", n=torch.nn.Linear(1, 1)))) == 2
    assert computed("$@f.parent.name", f=Path("a/b.nii")) == "a"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("torh.zeros(1)", "the name 'torh' isn't listed for expressions", "did you mean 'torch'?"),
        ("exec('x')", "the name 'exec' isn't listed for expressions", None),
        (
            "torch.load('x')",
            "'torch.load' isn't listed for expressions",
            "keep weights as safetensors, and read them with `load_weights`",
        ),
        ("os.system('x')", "'os.system' isn't listed for expressions", None),
        ("math.sqr(2)", "'math.sqr' isn't listed for expressions", "did you mean 'sqrt'?"),
        ("'x'.uper()", "'.uper' of a str isn't listed for expressions", None),
        ("(1)(2)", "a value of type 'int' can't be called", None),
        ("torch(2)", "'torch' can't be called", None),
        ("torch", "'torch' is a module, not a value", None),
    ],
)
def test_a_name_that_is_not_listed_is_told_with_the_nearest(text, message, hint):
    with pytest.raises(ExpressionError) as caught:
        evaluated(text)
    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_a_missing_attribute_is_told_with_the_nearest():
    with pytest.raises(
        ConfigError, match=r"a Pair has no 'lefft'\n  at: .*\n  got: \$@p.lefft\n  try: did you mean 'left'\?"
    ):
        computed("$@p.lefft", p=Pair())
