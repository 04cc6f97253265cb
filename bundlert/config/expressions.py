"""`$` expressions: parsed once to a checked syntax tree, with references taken out structurally.

Only what is listed here can be written: literals, arithmetic, comparison, comprehensions, indexing, calls, public
attributes. What a name may mean is decided in `evaluate`.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from keyword import iskeyword
from typing import NamedTuple

from bundlert.config.syntax import REFERENCE
from bundlert.errors import ConfigError, Mark

MAX_LENGTH = 20_000
MAX_DEPTH = 100
_HOLE = "__reference_{}__"
_LAST_WORD = re.compile(r"(\w+|[)\]}'\"])\s*\Z")
_COMMENT = re.compile("#[^\n]*")
_STRING = re.compile(r"(?i)([rbuf]{0,2})('''|\"\"\"|'|\")")

_NODES = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Store, ast.Attribute, ast.Subscript, ast.Slice, ast.Call),
    *(ast.keyword, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.operator, ast.unaryop, ast.boolop),
    *(ast.cmpop, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.comprehension, ast.Starred, ast.JoinedStr, ast.FormattedValue),
)
_BRANCHING = (
    *(ast.IfExp, ast.BoolOp, ast.comprehension),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


class Expression(NamedTuple):
    """A parsed expression.

    Attributes:
        body: The syntax tree; a reference is a name in it.
        references: The id (without `@`) that each such name stands for.
        eager: Those names that are needed whatever the values are; the others stand in a branch.
    """

    body: ast.expr
    references: dict[str, str]
    eager: tuple[str, ...]


class ExpressionError(Exception):
    """What is wrong with a text as an expression; `hint` says what to do."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint


def parse_expression(text: str, *, at: Mark, config_id: str) -> Expression:
    """Parse what stands behind `$`.

    Raises:
        ConfigError: Not an expression of Python, or one that holds what isn't listed here.
    """
    try:
        return _parsed(text)
    except ExpressionError as error:
        raise ConfigError(str(error), at=at, path=config_id, got=_shown(text), hint=error.hint) from None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Expression:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of more than {MAX_LENGTH:,} characters")
    code, references = _with_names(text[1:].strip())
    try:
        body = ast.parse(code, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"not an expression: {error.msg}", _syntax_hint(code)) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("not an expression: nested too deep, or with a NUL in it") from None
    used: dict[str, bool] = {}
    _check(body, references, used)
    eager = tuple(name for name, always in used.items() if always)
    return Expression(body, {name: references[name] for name in used}, eager)


def _check(body: ast.expr, references: dict[str, str], used: dict[str, bool]) -> None:
    """Refuse what isn't listed; collect the references from left to right: are they needed in any case?"""
    pending: list[tuple[ast.AST, bool, int]] = [(body, True, 1)]
    while pending:
        node, always, depth = pending.pop()
        _check_node(node, references)
        if depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", "give parts of it names of their own")
        if isinstance(node, ast.Name) and node.id in references:
            used[node.id] = used.get(node.id, False) or always
        children = list(ast.iter_child_nodes(node))
        certain = _always_needed(node) if isinstance(node, _BRANCHING) else children
        pending.extend((kid, always and kid in certain, depth + 1) for kid in reversed(children))


def _check_node(node: ast.AST, references: dict[str, str]) -> None:
    if not isinstance(node, _NODES):
        raise ExpressionError(f"{_name_of(node)} can't be used in an expression", _alternative(node))
    if isinstance(node, ast.comprehension) and node.is_async:
        raise ExpressionError("async can't be used in an expression")
    if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
        raise ExpressionError(f"the private name '{node.attr}' can't be used in an expression")
    if not isinstance(node, ast.Name) or node.id == "_":
        return
    if node.id in references and isinstance(node.ctx, ast.Store):
        raise ExpressionError(f"a loop can't bind '@{references[node.id]}'")
    if node.id.startswith("_") and node.id not in references:
        raise ExpressionError(f"the private name '{node.id}' can't be used in an expression")


def _always_needed(node: ast.AST) -> list[ast.AST]:
    """The children that are evaluated in any case."""
    if isinstance(node, ast.IfExp):
        return [node.test]
    if isinstance(node, ast.BoolOp):
        return [node.values[0]]
    if isinstance(node, ast.comprehension):
        return [node.iter]
    generators: list[ast.comprehension] = getattr(node, "generators", [])
    return [generators[0]]


# ---- references, found outside of string literals


def _with_names(code: str) -> tuple[str, dict[str, str]]:
    """The code with every reference replaced by a name, and what the names stand for."""
    if "@" not in code and "#" not in code:
        return code, {}
    names: dict[str, str] = {}
    return _replaced(code, names).strip(), {name: target for target, name in names.items()}


def _replaced(code: str, names: dict[str, str], *, comments: bool = True) -> str:
    """The code with names for references; in a field of an f-string `#` belongs to a format."""
    out: list[str] = []
    at = 0
    while at < len(code):
        if literal := _STRING.match(code, at):
            end = _literal_end(code, literal)
            is_format = "f" in literal[1].lower()
            out.append(_in_format(code[at:end], names) if is_format else code[at:end])
            at = end
        elif code[at] == "@" and (match := REFERENCE.match(code, at)) and not _after_operand("".join(out[-80:])):
            out.append(f" {_hole(match[0][1:], names)} ")
            at = match.end()
        elif comments and (comment := _COMMENT.match(code, at)):
            at = comment.end()
        else:
            out.append(code[at])
            at += 1
    return "".join(out)


def _after_operand(before: str) -> bool:
    """Whether an `@` here multiplies matrices: something to multiply stands before it."""
    match = _LAST_WORD.search(before[-80:])
    return match is not None and not iskeyword(match[1])


def _hole(target: str, names: dict[str, str]) -> str:
    return names.setdefault(target, _HOLE.format(len(names)))


def _literal_end(code: str, literal: re.Match[str]) -> int:
    quote, at = literal[2], literal.end()
    while at < len(code):
        if code[at] == "\\":
            at += 2
        elif code.startswith(quote, at):
            return at + len(quote)
        else:
            at += 1
    return len(code)


def _in_format(text: str, names: dict[str, str]) -> str:
    """An f-string with the references in its fields replaced."""
    out: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "{" or text[at + 1 : at + 2] == "{":
            width = 2 if text[at] == "{" else 1
            out.append(text[at : at + width])
            at += width
        else:
            end = _field_end(text, at)
            out.append("{" + _replaced(text[at + 1 : end], names, comments=False) + text[end : end + 1])
            at = end + 1
    return "".join(out)


def _field_end(text: str, at: int) -> int:
    """The place of the brace that closes the field opened at `at`."""
    depth = 0
    while at < len(text):
        if (literal := _STRING.match(text, at)) and literal[2] != text[-len(literal[2]) :]:
            at = _literal_end(text, literal)
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return at
        at += 1
    return len(text)


# ---- words


def _shown(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:97]}..."


def _name_of(node: ast.AST) -> str:
    names = {ast.Lambda: "a lambda", ast.NamedExpr: "an assignment (:=)", ast.Await: "await", ast.Yield: "yield"}
    return names.get(type(node), type(node).__name__)


def _alternative(node: ast.AST) -> str | None:
    return "use a component for what needs code" if isinstance(node, ast.Lambda | ast.NamedExpr) else None


def _syntax_hint(code: str) -> str | None:
    for opening, closing in ("()", "[]", "{}"):
        missing = code.count(opening) - code.count(closing)
        if missing:
            return f"{abs(missing)} '{closing if missing > 0 else opening}' is missing"
    return "put a text that isn't an expression in quotes with `$$` before it" if code[:1].isdigit() else None
