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
_HOLE = "__reference_{}__"
_LAST_WORD = re.compile(r"(\w+|[)\]}'\"])\s*\Z")
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
    eager: list[str] = []
    _check(body, references, eager)
    return Expression(body, references, tuple(eager))


def _check(body: ast.expr, references: dict[str, str], eager: list[str]) -> None:
    """Refuse what isn't listed; collect the references that stand in no branch, from left to right."""
    pending: list[tuple[ast.AST, bool]] = [(body, True)]
    while pending:
        node, always = pending.pop()
        if not isinstance(node, _NODES):
            raise ExpressionError(f"{_name_of(node)} can't be used in an expression", _alternative(node))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise ExpressionError(f"the private name '{node.attr}' can't be used in an expression")
        if isinstance(node, ast.Name) and node.id.startswith("_") and node.id not in references and node.id != "_":
            raise ExpressionError(f"the private name '{node.id}' can't be used in an expression")
        if isinstance(node, ast.Name) and always and node.id in references and node.id not in eager:
            eager.append(node.id)
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, _BRANCHING):
            certain = _always_needed(node)
            pending.extend((kid, always and kid in certain) for kid in reversed(children))
        else:
            pending.extend((kid, always) for kid in reversed(children))


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
    out: list[str] = []
    at = 0
    while at < len(code):
        if literal := _STRING.match(code, at):
            end = _literal_end(code, literal)
            out.append(_in_literal(code[at:end], literal, names))
            at = end
        elif code[at] == "@" and (match := REFERENCE.match(code, at)) and not _after_operand(code[:at]):
            out.append(f" {_hole(match[0][1:], names)} ")
            at = match.end()
        else:
            out.append(code[at])
            at += 1
    return "".join(out).strip(), {name: target for target, name in names.items()}


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


def _in_literal(text: str, literal: re.Match[str], names: dict[str, str]) -> str:
    """A string literal; in an f-string the references within braces are replaced."""
    if "f" not in literal[1].lower():
        return text
    return re.sub(
        r"(?<!\{)\{([^{}]*)\}",
        lambda field: "{" + REFERENCE.sub(lambda ref: _hole(ref[0][1:], names), field[1]) + "}",
        text,
    )


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
