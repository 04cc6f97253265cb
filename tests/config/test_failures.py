import pytest

from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.failures import of_call, of_expression
from bundlert.config.load import parse
from bundlert.errors import BundlertError, ComponentError, ConfigError, Mark

TREE = parse("x: {_target_: f, width: 1}\ny: $1\n", "c.yaml")


def of_y(error):
    return of_expression(error, TREE.child("y"), ("y",))


def of_x(error, **arguments):
    return of_call(error, len, arguments, ("x",), TREE.child("x"))


@pytest.mark.parametrize("error", [ValueError("bad"), OSError("bad"), ZeroDivisionError("bad"), IndexError("bad")])
def test_a_mistake_in_an_expression_gets_its_place(error):
    failure = of_y(error)
    assert type(failure) is ConfigError
    assert str(failure) == "bad\n  at: c.yaml:2:4 (y)\n  got: $1"


def test_what_is_not_allowed_keeps_its_advice():
    assert str(of_y(ExpressionError("no", "do this"))).endswith("  try: do this")


def test_an_error_of_ours_only_gets_a_place_if_it_has_none():
    placed = BundlertError("no", at=Mark("d.yaml", 7, 1), path="z")
    assert (of_y(placed).at.file, of_y(BundlertError("no")).at.file) == ("d.yaml", "c.yaml")


def test_a_bug_stays_what_it_is_and_gets_a_note():
    for failure in (of_y(RuntimeError("bug")), of_x(RuntimeError("bug"))):
        assert type(failure) is RuntimeError
        assert "at: c.yaml:" in failure.__notes__[0]


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("width must be > 0", "c.yaml:1:18 (x::width)"),
        ("got an unexpected keyword argument 'width'", "c.yaml:1:18 (x::width)"),
        ("height must be > 0", "c.yaml:1:5 (x)"),
    ],
)
def test_a_mistake_in_a_call_is_told_at_the_argument_that_it_names(message, place):
    failure = of_x(ValueError(message), width=1)
    assert type(failure) is ComponentError
    assert str(failure) == f"'len' can't be built: {message}\n  at: {place}"
