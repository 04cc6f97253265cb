"""`$` expressions: parsed once to a checked syntax tree, with references taken out structurally.

Only what is listed here can be written: literals, arithmetic, comparison, comprehensions, indexing, calls, lambdas,
public attributes; and imports, which only bind names. What a name may mean is decided in `names`, how it is computed
in `evaluate`.
"""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import Any

from bundlert.config.evaluation.holes import with_names
from bundlert.config.tree import Path, joined
from bundlert.errors import ConfigError, Mark

MAX_LENGTH = 20_000
MAX_DEPTH = 100
_MAX_KEPT = 2_000_000  # characters of the parsed expressions that are kept
_IMPORT = re.compile(r"(?:import|from)\s")

# What may be written -> the fields that hold more of it.
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.Constant, ast.Name), ()),
    **dict.fromkeys((ast.Attribute, ast.Starred, ast.keyword), ("value",)),
    **dict.fromkeys((ast.List, ast.Tuple, ast.Set), ("elts",)),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp), ("elt", "generators")),
    ast.Subscript: ("value", "slice"),
    ast.Slice: ("lower", "upper", "step"),
    ast.Call: ("func", "args", "keywords"),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.BoolOp: ("values",),
    ast.Compare: ("left", "comparators"),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Dict: ("keys", "values"),
    ast.DictComp: ("key", "value", "generators"),
    ast.comprehension: ("target", "iter", "ifs"),
    ast.JoinedStr: ("values",),
    ast.FormattedValue: ("value", "format_spec"),
    ast.Lambda: ("body",),
}


class Expression:
    """A parsed expression.

    Attributes:
        body: The syntax tree; a reference is a name in it.
        references: The id (without `@`) that each such name stands for.
        eager: Those names that are needed whatever the values are; the others stand in a branch or a lambda.
        imports: For an import statement, the dotted name that each name is bound to.
        private: A private name in it, if there is one: for trusted code only.
        names: Its other names, those that loops and lambdas bind among them.
        has_attributes: Whether it reads attributes.
    """

    __slots__ = ("body", "eager", "has_attributes", "imports", "names", "private", "references")

    def __init__(self, body: ast.expr, references: dict[str, str], imports: dict[str, str]) -> None:
        self.body = body
        self.references = references
        self.eager: tuple[str, ...] = ()
        self.imports = imports
        self.private: str | None = None
        self.names: set[str] = set()
        self.has_attributes = False


class ExpressionError(Exception):
    """What is wrong with a text as an expression; `hint` says what to do."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint


_NOTHING = ast.Constant(None)
_kept: dict[str, Expression] = {}
_kept_size = [0]


def parse_expression(text: str, *, at: Mark, path: Path, trusted: bool = False) -> Expression:
    """Parse what stands behind `$` in the text at a path.

    Raises:
        ConfigError: Not an expression of Python, or one that holds what isn't listed here.
    """
    try:
        parsed = _kept.get(text) or _remembered(text)
    except ExpressionError as error:
        raise ConfigError(str(error), at=at, path=joined(path), got=_shown(text), hint=error.hint) from None
    if parsed.private is not None and not trusted:
        what = f"the private name '{parsed.private}' can't be used in an expression"
        raise ConfigError(what, at=at, path=joined(path), got=_shown(text))
    return parsed


def is_import(text: str) -> bool:
    """Whether a text is an import statement: `$import os`, `$from math import pi`."""
    return text[:1] == "$" and "import" in text and _IMPORT.match(text[1:].lstrip()) is not None


def _remembered(text: str) -> Expression:
    """Parse once; the oldest quarter is forgotten when there is too much of it."""
    parsed = _parsed(text)
    if _kept_size[0] > _MAX_KEPT:
        for oldest in list(islice(_kept, len(_kept) // 4 + 1)):
            _kept.pop(oldest, None)
        _kept_size[0] = sum(map(len, _kept))
    _kept[text] = parsed
    _kept_size[0] += len(text)
    return parsed


def _parsed(text: str) -> Expression:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of more than {MAX_LENGTH:,} characters")
    code = text[1:].strip()
    if code.startswith(("import", "from")) and _IMPORT.match(code):
        return Expression(_NOTHING, {}, _imports(code))
    code, references = with_names(code)
    try:
        body = ast.parse(code, "", "eval").body
    except SyntaxError as error:
        raise ExpressionError(f"not an expression: {error.msg}", _syntax_hint(code)) from None
    except ValueError as error:  # what Python before 3.11.4 says of a NUL
        raise ExpressionError(f"not an expression: {error}") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("not an expression: nested too deep") from None
    return _checked(body, references)


def _checked(body: ast.expr, references: dict[str, str]) -> Expression:
    """Refuse what isn't listed; collect the references from left to right: are they needed in any case?"""
    made = Expression(body, references, {})
    used: dict[str, bool] = {}
    _take_in(body, True, 1, made, used)
    made.eager = tuple([name for name, always in used.items() if always])
    if len(used) < len(references):  # the others stand in comments
        made.references = {name: references[name] for name in used}
    return made


def _take_in(node: Any, always: bool, depth: int, made: Expression, used: dict[str, bool]) -> None:
    """One node and what it holds, in an expression that is being made."""
    kind = type(node)
    if kind is ast.Constant:
        return
    if kind is ast.Name:
        _take_name(node, always, made, used)
        return
    if depth > MAX_DEPTH:
        raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", "give parts of it names of their own")
    if kind is ast.BinOp:  # the most frequent one goes the short way
        _take_in(node.left, always, depth + 1, made, used)
        _take_in(node.right, always, depth + 1, made, used)
        return
    if kind not in _FIELDS:
        raise ExpressionError(f"{_name_of(node)} can't be used in an expression", _alternative(node))
    if kind is ast.Attribute:
        made.has_attributes = True
        made.private = made.private or (node.attr if node.attr[0] == "_" else None)
    for kid, sure in _kids(node, kind):
        _take_in(kid, always and sure, depth + 1, made, used)


def _take_name(node: ast.Name, always: bool, made: Expression, used: dict[str, bool]) -> None:
    name = node.id
    if name in made.references:
        if type(node.ctx) is ast.Store:
            raise ExpressionError(f"a loop can't bind '@{made.references[name]}'")
        used[name] = always or used.get(name, False)
        return
    made.names.add(name)
    if name[0] == "_" and name != "_":
        made.private = made.private or name


def _kids(node: Any, kind: type[ast.AST]) -> list[tuple[ast.AST, bool]]:
    """What a node holds, each with whether it is evaluated in any case."""
    kids: list[ast.AST] = []
    for field in _FIELDS[kind]:
        value = getattr(node, field)
        if isinstance(value, list):
            kids += [one for one in value if one is not None]
        elif value is not None:
            kids.append(value)
    if kind is ast.Lambda:
        _check_lambda(node)
        return [(kid, False) for kid in kids]
    if kind is ast.comprehension and node.is_async:
        raise ExpressionError("async can't be used in an expression")
    sure = _SURE.get(kind)
    if sure is None:
        return [(kid, True) for kid in kids]
    certain = sure(node)
    return [(kid, kid is certain) for kid in kids]


# Of what branches, the one part that is evaluated in any case.
_SURE: dict[type[ast.AST], Any] = {
    ast.IfExp: lambda node: node.test,
    ast.BoolOp: lambda node: node.values[0],
    ast.comprehension: lambda node: node.iter,
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), lambda node: node.generators[0]),
}


def _check_lambda(node: ast.Lambda) -> None:
    """A lambda takes plain names: nothing is computed when it is made, nothing is hidden in it."""
    given = node.args
    if given.vararg or given.kwarg or given.defaults or given.kwonlyargs or given.posonlyargs:
        raise ExpressionError("a lambda takes plain names only, without defaults or stars")
    for name in given.args:
        if name.arg.startswith("_") and name.arg != "_":
            raise ExpressionError(f"the private name '{name.arg}' can't be used in an expression")


def _imports(code: str) -> dict[str, str]:
    """Name -> dotted name of an import statement; nothing is imported."""
    try:
        (statement,) = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        what = getattr(error, "msg", "one statement is expected")
        raise ExpressionError(f"not an import: {what}", "write one `import a.b as c` or `from a import b`") from None
    if isinstance(statement, ast.Import):
        return {one.asname or one.name.partition(".")[0]: _origin(one) for one in statement.names}
    if not isinstance(statement, ast.ImportFrom) or statement.level or statement.names[0].name == "*":
        raise ExpressionError("an import names a module and what is taken from it", "write `from a import b`")
    return {one.asname or one.name: f"{statement.module}.{one.name}" for one in statement.names}


def _origin(alias: ast.alias) -> str:
    """`import a.b` binds the whole of `a`, with a new name only `a.b`."""
    return alias.name if alias.asname else alias.name.partition(".")[0]


# ---- words


def _shown(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:97]}..."


def _name_of(node: ast.AST) -> str:
    names = {ast.NamedExpr: "an assignment (:=)", ast.Await: "await", ast.Yield: "yield"}
    return names.get(type(node), type(node).__name__)


def _alternative(node: ast.AST) -> str | None:
    return "use a component for what needs code" if isinstance(node, ast.NamedExpr) else None


def _syntax_hint(code: str) -> str | None:
    for opening, closing in ("()", "[]", "{}"):
        missing = code.count(opening) - code.count(closing)
        if missing:
            return f"{abs(missing)} '{closing if missing > 0 else opening}' is missing"
    return "put a text that isn't an expression in quotes with `$$` before it" if code[:1].isdigit() else None
