import ast
import sys
import textwrap

import pytest
from architecture.source import FILES, FUNCTIONS, HOUSE, nodes, short, tree_of

MOST_LINES, MOST_FUNCTION_LINES, MOST_NESTING = 300, 40, 3
LEAST_SHARE_OF_RAISES_WITH_A_VALUE = 0.9

NOBODY_CAN_GUESS_WHAT_IS_INSIDE = {"utils", "util", "helpers", "common", "misc", "core", "tools"}
ROOMS_OF_THE_DESIGN = {"profiling"}  # a module of that name came to Python after the room was named

BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.TryStar, ast.Match)
OWN_SCOPE = (*FUNCTIONS, ast.ClassDef, ast.Lambda)


def length(function):
    """Lines of a function without its docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    return lines - (function.body[0].end_lineno - function.body[0].lineno + 1)


def nesting(node):
    """How deep blocks stand in each other; `elif` is no deeper than its `if`, a function inside counts anew."""
    deepest = 0
    for kid in ast.iter_child_nodes(node):
        if not isinstance(kid, OWN_SCOPE):
            is_elif = isinstance(node, ast.If) and isinstance(kid, ast.If) and node.orelse == [kid]
            deepest = max(deepest, nesting(kid) + (isinstance(kid, BLOCKS) and not is_elif))
    return deepest


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ("pass", 0),
        ("for x in y:\n    if x:\n        pass", 2),
        ("if a:\n    pass\nelif b:\n    pass\nelif c:\n    pass", 1),
        ("if a:\n    pass\nelse:\n    if b:\n        pass\n    pass", 2),
        ("with a:\n    try:\n        pass\n    except E:\n        while b:\n            pass", 3),
        ("match a:\n    case 1:\n        if b:\n            pass", 2),
        ("if a:\n    def inner():\n        if b:\n            pass", 1),
    ],
)
def test_nesting_is_counted_as_a_reader_counts_it(body, depth):
    (function,) = ast.parse("def f():\n" + textwrap.indent(body, "    ")).body
    assert nesting(function) == depth


def test_a_file_can_be_read_in_one_sitting():
    sizes = {short(file): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_a_function_fits_a_screen():
    sizes = {f"{place} {function.name}": length(function) for place, function in nodes(FUNCTIONS)}
    assert {name: size for name, size in sizes.items() if size > MOST_FUNCTION_LINES} == {}


def test_blocks_are_not_nested_deeper_than_one_can_hold_in_mind():
    depths = {f"{place} {function.name}": nesting(function) for place, function in nodes(FUNCTIONS)}
    assert {name: depth for name, depth in depths.items() if depth > MOST_NESTING} == {}


def test_a_file_is_named_after_the_noun_in_it():
    banned = (NOBODY_CAN_GUESS_WHAT_IS_INSIDE | set(sys.stdlib_module_names)) - {"__init__"} - ROOMS_OF_THE_DESIGN
    places = [*FILES, *(folder for folder in HOUSE.rglob("*") if folder.is_dir())]
    assert [short(place) for place in places if place.stem in banned] == []


def public(body, name=""):
    """Public classes and functions of a body, with the methods of the classes."""
    for node in body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{name}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{name}{node.name}.")


def test_everything_public_says_what_it_is_for():
    silent = [short(file) for file in FILES if not ast.get_docstring(tree_of(file))]
    for file in FILES:
        silent += [f"{short(file)} {n}" for n, node in public(tree_of(file).body) if not ast.get_docstring(node)]
    assert silent == []


def mistakes():
    """ValueError, TypeError, BundlertError and all that the house derives from them."""
    found = {"ValueError", "TypeError", "BundlertError"}
    for _ in range(3):  # grandchildren too
        for _, node in nodes(ast.ClassDef):
            if {base.id for base in node.bases if isinstance(base, ast.Name)} & found:
                found.add(node.name)
    return found


def raised(statement):
    """The name of what is raised, with its arguments; none of either where it isn't made on the spot."""
    call = statement.exc
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)] if isinstance(call, ast.Call) else []
    made = call.func if isinstance(call, ast.Call) else call
    return getattr(made, "id", None), arguments


def shows_a_value(argument):
    if isinstance(argument, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in argument.values)
    return not isinstance(argument, ast.Constant)


def test_nine_in_ten_messages_show_the_value_that_was_met():
    family = mistakes()
    assert {"ConfigError", "DataError", "WeightsError"} <= family
    shown = {
        place: any(shows_a_value(argument) for argument in arguments)
        for place, statement in nodes(ast.Raise)
        for name, arguments in [raised(statement)]
        if name in family
    }
    assert len(shown) > 50
    mute = [place for place, value in shown.items() if not value]
    assert len(mute) <= (1 - LEAST_SHARE_OF_RAISES_WITH_A_VALUE) * len(shown), mute


def test_only_the_command_line_prints():
    calls = [
        place
        for place, call in nodes(ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id == "print" and not place.startswith("cli/")
    ]
    assert calls == []
