import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.config.evaluation.expressions import MAX_LENGTH, parse_expression
from bundlert.errors import ConfigError, Mark

AT = Mark("c.yaml", 2, 3)


def parsed(text):
    return parse_expression(text, at=AT, path=("x",))


def shown(text):
    """The code with the references as they were written."""
    expression = parsed(text)
    code = ast.unparse(expression.tree())
    for name, target in expression.references.items():
        code = code.replace(name, f"@{target}")
    return code


def eager(text):
    expression = parsed(text)
    return [expression.references[name] for name in expression.eager]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$@a + 1", "@a + 1"),
        ("$ @a", "@a"),
        ("$@a + @a_b + @a::1 + @a::11", "@a + @a_b + @a::1 + @a::11"),
        ("$@a#b#0", "@a#b#0"),
        ("$-@::a", "-@::a"),
        ("$@a[::-1]", "@a[::-1]"),
        ("$@a.b(@c)", "@a.b(@c)"),
        ("$'@a' + @b", "'@a' + @b"),
        ("$'user@host' + \"it's @a\" + @b", "'user@host' + \"it's @a\" + @b"),
        ("$'\\'@a' + @b", '"\'@a" + @b'),
        ("$'''@a ' @b''' + @c", '"@a \' @b" + @c'),
        ("$r'@a\\n' + @b", "'@a\\\\n' + @b"),
        ("$@a @ @b", "@a @ @b"),
        ("$x @y", "x @ y"),
        ("$f(x) @ y", "f(x) @ y"),
        ("$1 if not @a else@b", "1 if not @a else @b"),
        ("$[@a for x in @b if @c]", "[@a for x in @b if @c]"),
        ("${'k':@a, **@b}", "{'k': @a, **@b}"),
        ("$(@a  # not @b, nor 'this\n + 1)", "@a + 1"),
        ("$f'{@a} @b {{@c}}'", "f'{@a} @b {{@c}}'"),
        ("$f'{{{@a}}}'", "f'{{{@a}}}'"),
        ("$f'{@a:{@b}}'", "f'{@a:{@b}}'"),
        ("$f'{@a!r:>5}'", "f'{@a!r:>5}'"),
        ("$f'{255:#x}{x:@>5}'", "f'{255:#x}{x:@>5}'"),
        ("$f'{@m[\"@k\"]}'", "f\"{@m['@k']}\""),
        ("$f\"{'}'}{@a}\"", "f\"{'}'}{@a}\""),
    ],
)
def test_references_are_taken_by_structure_not_by_text(text, code):
    assert shown(text) == code


def test_only_references_that_are_part_of_the_code_count():
    assert parsed("$1  # @a").references == {}
    assert list(parsed("$(@b,  # , @a\n @c)").references.values()) == ["b", "c"]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("$@b + @a + @b", ["b", "a"]),
        ("$@a if @b else @c", ["b"]),
        ("$@a and @b or @c", ["a"]),
        ("$[@a for x in @b if @c]", ["b"]),
        ("$[0 for x in @a for y in @b]", ["a"]),
        ("$(@a if @b else 0) + @a", ["b", "a"]),
        ("$f(@a)[@b].c", ["a", "b"]),
        ("$(lambda x: x + @a)(@b)", ["b"]),
    ],
)
def test_what_stands_in_a_branch_can_wait(text, targets):
    assert sorted(eager(text)) == sorted(targets)


REFUSED = {
    "$": "not an expression: invalid syntax",
    "$1 +": "not an expression: invalid syntax",
    "$x = 1": "not an expression: invalid syntax",
    "$import os; x": "not an import: one statement is expected",
    "$import": "not an expression: invalid syntax",
    "$import os as": "not an import: invalid syntax",
    "$from os import *": "an import names a module and what is taken from it",
    "$from . import x": "an import names a module and what is taken from it",
    "$lambda x=1: x": "a lambda takes plain names only, without defaults or stars",
    "$lambda *x: x": "a lambda takes plain names only, without defaults or stars",
    "$lambda **x: x": "a lambda takes plain names only, without defaults or stars",
    "$lambda *, x: x": "a lambda takes plain names only, without defaults or stars",
    "$lambda x, /: x": "a lambda takes plain names only, without defaults or stars",
    "$lambda __x: 1": "the private name '__x' can't be used in an expression",
    "$lambda: (yield)": "yield can't be used in an expression",
    "$(x := 1)": "an assignment (:=) can't be used in an expression",
    "$await x": "await can't be used in an expression",
    "$(yield 1)": "yield can't be used in an expression",
    "$[x async for x in y]": "async can't be used in an expression",
    "$().__class__": "the private name '__class__' can't be used in an expression",
    "$x._y": "the private name '_y' can't be used in an expression",
    "$x.__cla\u017fs__": "the private name '__class__' can't be used in an expression",
    "$__import__('os')": "the private name '__import__' can't be used in an expression",
    "$__reference_0__": "the private name '__reference_0__' can't be used in an expression",
    "$f'{x.__class__}'": "the private name '__class__' can't be used in an expression",
    "$f'{1:{x.__class__}}'": "the private name '__class__' can't be used in an expression",
    "$[0 for x.__y in z]": "a loop can't bind 'x.__y'",
    "$[0 for x[0] in z]": "a loop can't bind 'x[0]'",
    "$[0 for *a, b in [[1, 2]]]": "a loop can't bind '*a'",
    "$[@a for @a in x]": "a loop can't bind '@a'",
    "$" + "-" * 200 + "1": "nested deeper than 100 levels",
    "$" + "+".join("1" * 200): "nested deeper than 100 levels",
    "$1\x00": "not an expression: source code string cannot contain null bytes",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_listed_is_refused(text):
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert (caught.value.what, caught.value.at, caught.value.path) == (REFUSED[text], AT, "x")


def test_a_refusal_names_place_and_advice():
    with pytest.raises(ConfigError) as caught:
        parsed("$[1, 2")
    assert str(caught.value) == (
        "not an expression: '[' was never closed\n  at: c.yaml:2:3 (x)\n  got: $[1, 2\n  try: 1 ']' is missing"
    )
    with pytest.raises(ConfigError, match="put a text that isn't an expression in quotes with `\\$\\$` before it"):
        parsed("$5 a month")


@pytest.mark.parametrize("text", ["(" * 10_000, "-" * 19_000 + "1", "not " * 4000 + "x", "a" + ".b" * 9000, "[" * 150])
def test_endless_nesting_is_refused(text):
    with pytest.raises(ConfigError, match=r"not an expression|nested deeper"):
        parsed("$" + text)


def test_a_long_text_is_refused_and_not_repeated():
    with pytest.raises(ConfigError) as caught:
        parsed("$" + "1" * MAX_LENGTH)
    assert str(caught.value).splitlines()[0] == "an expression of more than 20,000 characters"
    assert len(str(caught.value)) < 300


@given(st.text(st.sampled_from("@ab:#'\"f{}()[]+. \\\n1,_=!r"), max_size=25))
@settings(max_examples=400, deadline=None)
def test_any_text_is_parsed_or_refused(text):
    try:
        expression = parsed("$" + text)
    except ConfigError:
        return
    names = {node.id for node in ast.walk(expression.tree()) if isinstance(node, ast.Name)}
    assert set(expression.eager) <= set(expression.references) <= names
