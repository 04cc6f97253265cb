import ast

import pytest
from config.toy import tree_of

from bundlert.config.introspection.annotations import fits, is_open, kinds_of, worded


def kinds(text):
    return kinds_of("typing", ast.parse(text, mode="eval").body)


WORDS = {
    "int": "a whole number",
    "int | None": "a whole number or null",
    "Optional[bool]": "true or false or null",
    "Sequence[float]": "a list of numbers",
    "float | Sequence[float]": "a number or a list of numbers",
    "tuple[int, ...]": "a list of whole numbers",
    "tuple[int, int]": "a list of 2",
    "Mapping[str, Any]": "a mapping",
    "dict[str, float]": "a mapping of numbers",
    "list": "a list",
    "Sequence[int | None]": "a list of whole numbers",
    "Literal['a', 2]": "one of 'a', 2",
    "Union[str, 'list[str]']": "a text or a list of texts",
    "Annotated[int, 'mm']": "a whole number",
}


@pytest.mark.parametrize("text", WORDS)
def test_an_annotation_is_told_in_plain_words(text):
    assert worded(kinds(text)) == WORDS[text]


@pytest.mark.parametrize("text", ["Tensor", "str | Path", "Callable[[int], int]", "Any", "nn.Module", "'1 +'", "3"])
def test_what_cannot_be_judged_is_none(text):
    assert kinds(text) is None


def test_a_default_of_none_allows_null():
    assert worded(kinds_of("typing", ast.parse("int", mode="eval").body, may_be_none=True)) == "a whole number or null"


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        *[("3", "int"), ("3", "float"), ("true", "bool"), ("1", "bool"), ("x", "str"), ("null", "int | None")],
        *[("[1, 2]", "Sequence[int]"), ("image", "Sequence[str]"), ("[a, 1]", "list[str | int]"), ("[]", "list[int]")],
        *[("[1, 2]", "tuple[int, int]"), ("{a: 1}", "dict[str, int]"), ("a", "Literal['a']"), ("[[1], 2]", "list")],
        *[("'@x'", "int"), ("$1", "int"), ("'%x'", "int"), ("???", "int"), ("{_target_: T}", "int")],
        *[("[1, '@x']", "Sequence[int]"), ("x", "Tensor")],
    ],
)
def test_a_value_that_fits(value, annotation):
    assert fits(tree_of(f"a: {value}").value["a"] if "%" not in value else _macro(), kinds(annotation))


def _macro():
    node = tree_of("a: 1").value["a"]
    node.value = "%x"
    return node


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        *[("x", "int"), ("1.5", "int"), ("2.0", "int"), ("true", "int"), ("true", "float"), ("2", "bool")],
        *[("yes_", "bool"), ("1", "str"), ("2020-01-01", "str"), ("null", "int"), ("3", "Sequence[int]")],
        *[
            ("[1, x]", "Sequence[int]"),
            ("image", "Sequence[int]"),
            ("[1]", "tuple[int, int]"),
            ("[1]", "dict[str, int]"),
        ],
        *[("{a: x}", "dict[str, int]"), ("b", "Literal['a']"), ("1", "Literal[True]"), ("{}", "int")],
    ],
)
def test_a_value_that_does_not_fit(value, annotation):
    assert not fits(tree_of(f"a: {value}").value["a"], kinds(annotation))


def test_what_is_computed_is_open():
    root = tree_of("{a: $1, b: '@a', c: {_target_: T}, d: '???', e: x, f: {}}")
    assert [key for key, node in root.value.items() if is_open(node)] == ["a", "b", "c", "d"]
