import ast
import sys

import pytest
from config.expression_texts import ANY
from hypothesis import given

from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.pieces import Pieces


def tree(code):
    return ast.parse(code, mode="eval").body


def piece(code, references=()):
    return Pieces(code, dict.fromkeys(references, "a")).of(tree(code), True)


def flat(part):
    """All that stands in a piece, the kinds apart."""
    if isinstance(part, tuple):
        return [one for kid in part for one in flat(kid)]
    return [] if isinstance(part, type) else [part]


def written(code):
    """The names, attributes and literals of a syntax tree."""
    for node in ast.walk(tree(code)):
        if isinstance(node, ast.Constant):
            yield node.value
        for field in ("id", "attr", "arg"):
            if getattr(node, field, None) is not None:
                yield getattr(node, field)


@given(ANY)
def test_nothing_of_the_syntax_tree_is_lost(code):
    try:
        made = flat(piece(code))
    except (ExpressionError, SyntaxError):
        return
    missing = [one for one in written(code) if not any(type(one) is type(other) and one == other for other in made)]
    assert missing == []


def size(part):
    """Bytes of all the objects in a piece or a syntax tree, each once."""
    seen, pending, total = set(), [part], 0
    while pending:
        one = pending.pop()
        if id(one) in seen or isinstance(one, type | str | int | float | ast.operator | ast.expr_context | None):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        if isinstance(one, ast.AST):
            pending.append(vars(one))
        pending.extend(one.values() if isinstance(one, dict) else one if isinstance(one, tuple | list) else ())
    return total


@pytest.mark.parametrize("code", ["x + 3", "f(x, a=1)[0]", "[a.b for a in x if a]"])
def test_it_takes_a_fraction_of_the_memory(code):
    assert size(piece(code)) < size(tree(code)) / 3


def test_what_is_needed_in_any_case_is_known():
    code = "[a if b else c for d in e if f] + [g and h, lambda: i][j]"
    made = Pieces(code, dict.fromkeys("abcdefghij".replace("d", ""), "x"))
    made.of(tree(code), True)
    assert [name for name, always in made.used.items() if always] == ["e", "g", "j"]
    assert list(made.used) == ["e", "f", "b", "a", "c", "g", "h", "i", "j"]


def cost(code):
    """That of a round of the first loop."""
    return piece(code)[2][0][3]


def test_a_round_costs_what_is_done_in_it():
    assert cost("[1 for x in xs]") == cost("[1 for x in f(f(xs))]") < cost("[(1, 2) for x in xs]")
    assert cost("[1 for x in xs if x]") == cost("[1 for x in xs]") + 1
    assert cost("[1 for x in xs for y in x]") == cost("[1 for x in xs]")  # the walk of the inner loop stands for `1`
    assert cost("[[y + y + y for y in x] for x in xs]") == cost("[[y for y in x] for x in xs]")
    assert cost("[(lambda: x + x + x) for x in xs]") == cost("[(lambda: x) for x in xs]")


def test_a_lambda_knows_its_text():
    assert piece("(1, lambda a, b: a - b)")[1][1][4] == "lambda a, b: a - b"
    assert piece("lambda x: 'ä'")[4] == "lambda x: ..."
    assert piece("lambda x: 'aaaa' + " + "x" * 200)[4][-1] == "x"
    assert len(piece("lambda x: 'aaaa' + " + "x" * 200)[4]) == 100
