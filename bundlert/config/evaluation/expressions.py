"""`$` expressions: parsed once, checked and kept small, with references taken out structurally.

Only what is listed here can be written: literals, arithmetic, comparison, comprehensions, indexing, calls, lambdas,
public attributes; and imports, which only bind names. What a name may mean is decided in `names`, how it is computed
in `evaluate`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import islice

from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.holes import with_names
from bundlert.config.evaluation.pieces import Piece, Pieces
from bundlert.config.tree import Path, joined
from bundlert.errors import ConfigError, Mark

MAX_LENGTH = 20_000
_MAX_KEPT = 2_000_000  # characters of the parsed expressions that are kept
_NOTHING = (ast.Constant, None)
_NO_NAMES: frozenset[str] = frozenset()
_IMPORT = re.compile(r"(?:import|from)\s")


class Expression:
    """A parsed expression.

    Attributes:
        piece: What is evaluated; a reference is a name in it.
        references: The id (without `@`) that each such name stands for.
        eager: Those names that are needed whatever the values are; the others stand in a branch or a lambda.
        imports: For an import statement, the dotted name that each name is bound to.
        private: A private name in it, if there is one: for trusted code only.
        names: Its other names, those that loops and lambdas bind among them.
        has_attributes: Whether it reads attributes.
    """

    __slots__ = ("_text", "eager", "has_attributes", "imports", "names", "piece", "private", "references")

    def __init__(self, text: str, piece: Piece, references: Mapping[str, str], imports: dict[str, str]) -> None:
        self._text = text
        self.piece = piece
        self.references = references
        self.eager: tuple[str, ...] = ()
        self.imports = imports
        self.private: str | None = None
        self.names: AbstractSet[str] = _NO_NAMES
        self.has_attributes = False

    def tree(self) -> ast.expr:
        """The syntax tree, made again: it is too large to be kept."""
        return _tree(with_names(_code_of(self._text))[0])


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
    code = _code_of(text)
    if code.startswith(("import", "from")) and _IMPORT.match(code):
        return Expression(text, _NOTHING, {}, _imports(code))
    code, references = with_names(code)
    return _checked(_tree(code), code, references, text)


def _code_of(text: str) -> str:
    return text[1:].strip()


def _tree(code: str) -> ast.expr:
    try:
        return ast.parse(code, "", "eval").body
    except SyntaxError as error:
        raise ExpressionError(f"not an expression: {error.msg}", _syntax_hint(code)) from None
    except ValueError as error:  # what Python before 3.11.4 says of a NUL
        raise ExpressionError(f"not an expression: {error}") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("not an expression: nested too deep") from None


def _checked(body: ast.expr, code: str, references: dict[str, str], text: str) -> Expression:
    """Refuse what isn't listed; collect the references from left to right: are they needed in any case?"""
    pieces = Pieces(code, references)
    made = Expression(text, pieces.of(body, True), references, {})
    made.eager = tuple([name for name, always in pieces.used.items() if always])
    made.private, made.has_attributes = pieces.private, pieces.has_attributes
    if pieces.names:
        made.names = pieces.names
    if len(pieces.used) < len(references):  # the others stand in comments
        made.references = {name: references[name] for name in pieces.used}
    return made


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


def _syntax_hint(code: str) -> str | None:
    for opening, closing in ("()", "[]", "{}"):
        missing = code.count(opening) - code.count(closing)
        if missing:
            return f"{abs(missing)} '{closing if missing > 0 else opening}' is missing"
    return "put a text that isn't an expression in quotes with `$$` before it" if code[:1].isdigit() else None
