"""What an expression is kept as: tuples `(kind, parts...)`, in a fifth of the memory of a syntax tree.

Kinds and the order of parts are those of Python's syntax tree. Only what has a method here can be written. What will
be done again and again, by a loop or a lambda, carries its cost: one for each tenth of a microsecond, about.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from bundlert.config.evaluation.error import ExpressionError

Piece = tuple[Any, ...]

MAX_DEPTH = 100
_COST: Mapping[type[ast.AST], int] = {
    **dict.fromkeys((ast.Constant, ast.Name), 1),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), 15),
    **dict.fromkeys((ast.Attribute, ast.FormattedValue, ast.Subscript), 10),
    **dict.fromkeys((ast.Compare, ast.Dict, ast.List, ast.Set, ast.Tuple), 8),
    ast.Call: 25,
    ast.Lambda: 10,
}
_OTHER_COST = 4
_ROUND = 2  # of a loop, besides what is done in it
_MAX_TEXT = 100


class Pieces:
    """Makes the pieces of one expression, and refuses what isn't listed.

    Args:
        code: Its text.
        references: What stands for references in it, with their ids.

    Attributes:
        used: The names of references that occur, in order: are they needed in any case?
        names: Other names, those that loops bind among them.
        private: A private name, if there is one.
        has_attributes: Whether an attribute is read.
    """

    private: str | None = None
    has_attributes = False
    _depth = 0
    _cost = 0

    def __init__(self, code: str, references: Mapping[str, str]) -> None:
        self.used: dict[str, bool] = {}
        self.names: set[str] = set()
        self._code = code
        self._references = references

    def of(self, node: Any, always: bool) -> Piece:
        """The piece of a node of the syntax tree, which is evaluated `always` or in a branch.

        Raises:
            ExpressionError: It is none that can be written, or nested too deep.
        """
        kind = type(node)
        self._cost += _COST.get(kind, _OTHER_COST)
        if kind is ast.Constant:
            return kind, node.value
        if kind is ast.Name:
            return kind, self._named(node.id, always)
        made = _METHODS.get(kind)
        if made is None:
            raise ExpressionError(f"{_name_of(node)} can't be used in an expression", _alternative(node))
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", "give parts of it names of their own")
        piece = made(self, node, always)
        self._depth -= 1
        return piece

    def _all(self, nodes: list[Any], always: bool) -> tuple[Piece, ...]:
        return tuple([self.of(node, always) for node in nodes])

    def _perhaps(self, node: Any, always: bool) -> Piece | None:
        return None if node is None else self.of(node, always)

    def _named(self, name: str, always: bool) -> str:
        if name in self._references:
            self.used[name] = always or self.used.get(name, False)
        else:
            self._public(name)
            self.names.add(name)
        return name

    def _public(self, name: str) -> str:
        if name[0] == "_" and name != "_":
            self.private = self.private or name
        return name

    # ---- one method a kind of node

    def _attribute(self, node: ast.Attribute, always: bool) -> Piece:
        self.has_attributes = True
        if node.attr[0] == "_":
            self.private = self.private or node.attr
        return ast.Attribute, self.of(node.value, always), node.attr

    def _subscript(self, node: ast.Subscript, always: bool) -> Piece:
        return ast.Subscript, self.of(node.value, always), self.of(node.slice, always)

    def _slice(self, node: ast.Slice, always: bool) -> Piece:
        return ast.Slice, *(self._perhaps(part, always) for part in (node.lower, node.upper, node.step))

    def _call(self, node: ast.Call, always: bool) -> Piece:
        function, given = self.of(node.func, always), self._all(node.args, always)
        return ast.Call, function, given, tuple([(one.arg, self.of(one.value, always)) for one in node.keywords])

    def _binary(self, node: ast.BinOp, always: bool) -> Piece:
        return ast.BinOp, self.of(node.left, always), type(node.op), self.of(node.right, always)

    def _unary(self, node: ast.UnaryOp, always: bool) -> Piece:
        return ast.UnaryOp, type(node.op), self.of(node.operand, always)

    def _boolean(self, node: ast.BoolOp, always: bool) -> Piece:
        first, *others = node.values
        return ast.BoolOp, isinstance(node.op, ast.Or), (self.of(first, always), *self._all(others, False))

    def _compare(self, node: ast.Compare, always: bool) -> Piece:
        left, others = self.of(node.left, always), self._all(node.comparators, always)
        return ast.Compare, left, tuple(zip(map(type, node.ops), others, strict=True))

    def _either(self, node: ast.IfExp, always: bool) -> Piece:
        return ast.IfExp, self.of(node.test, always), self.of(node.body, False), self.of(node.orelse, False)

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, always: bool) -> Piece:
        return type(node), self._all(node.elts, always)

    def _starred(self, node: ast.Starred, always: bool) -> Piece:
        return ast.Starred, self.of(node.value, always)

    def _dict(self, node: ast.Dict, always: bool) -> Piece:
        pairs = zip(node.keys, node.values, strict=True)
        return ast.Dict, tuple([(self._perhaps(key, always), self.of(value, always)) for key, value in pairs])

    def _joined(self, node: ast.JoinedStr, always: bool) -> Piece:
        return ast.JoinedStr, self._all(node.values, always)

    def _formatted(self, node: ast.FormattedValue, always: bool) -> Piece:
        spec = self._perhaps(node.format_spec, always)
        return ast.FormattedValue, self.of(node.value, always), node.conversion, spec

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, always: bool) -> Piece:
        loops, (element,) = self._loops(node.generators, always, node.elt)
        return type(node), element, loops

    def _dict_comprehension(self, node: ast.DictComp, always: bool) -> Piece:
        loops, (key, value) = self._loops(node.generators, always, node.key, node.value)
        return ast.DictComp, key, value, loops

    def _loops(
        self, generators: list[ast.comprehension], always: bool, *made: ast.expr
    ) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        """Loops within each other, `(target, iterable, tests, cost of a round)` each, and what is made in the last."""
        loops: list[Piece] = []
        elements: tuple[Piece, ...] = ()
        walked = self.of(generators[0].iter, always)
        outside = begun = self._cost
        for loop, inner in zip(generators, [*generators[1:], None], strict=True):
            if loop.is_async:
                raise ExpressionError("async can't be used in an expression")
            target, tests = self._bound(loop.target), self._all(loop.ifs, False)
            if inner is None:
                following, elements = walked, self._all(list(made), False)
            else:
                following = self.of(inner.iter, False)
            loops.append((target, walked, tests, _ROUND + self._cost - begun))
            walked, begun = following, self._cost
        self._cost = outside
        return tuple(loops), elements

    def _bound(self, target: ast.expr) -> Any:
        """What a loop binds: a name, or a tuple of such."""
        if isinstance(target, ast.Tuple | ast.List):
            self._cost += _OTHER_COST
            return tuple([self._bound(part) for part in target.elts])
        if not isinstance(target, ast.Name) or target.id in self._references:
            raise ExpressionError(f"a loop can't bind '{self._written(target)}'")
        self.names.add(target.id)
        return self._public(target.id)

    def _written(self, node: ast.expr) -> str:
        text = ast.unparse(node)
        for name, target in self._references.items():
            text = text.replace(name, f"@{target}")
        return text

    def _lambda(self, node: ast.Lambda, _always: bool) -> Piece:
        """A lambda takes plain names: nothing is computed when it is made, nothing is hidden in it."""
        given = node.args
        if given.vararg or given.kwarg or given.defaults or given.kwonlyargs or given.posonlyargs:
            raise ExpressionError("a lambda takes plain names only, without defaults or stars")
        names = tuple([one.arg for one in given.args])
        for name in names:
            if self._public(name)[0] == "_" and name != "_":
                raise ExpressionError(f"the private name '{name}' can't be used in an expression")
        outside = self._cost
        body = self.of(node.body, False)
        cost, self._cost = self._cost - outside, outside
        return ast.Lambda, names, body, cost, self._shown(node, names)

    def _shown(self, node: ast.Lambda, names: tuple[str, ...]) -> str:
        """The beginning of a lambda's text."""
        if node.end_lineno != 1 or not self._code.isascii():
            return f"lambda {', '.join(names)}: ..."
        return self._code[node.col_offset : node.end_col_offset][:_MAX_TEXT]

    METHODS: ClassVar[Mapping[type[ast.AST], Callable[[Pieces, Any, bool], Piece]]] = {
        **dict.fromkeys((ast.List, ast.Tuple, ast.Set), _sequence),
        **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp), _comprehension),
        ast.Attribute: _attribute,
        ast.Starred: _starred,
        ast.Subscript: _subscript,
        ast.Slice: _slice,
        ast.Call: _call,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _boolean,
        ast.Compare: _compare,
        ast.IfExp: _either,
        ast.Dict: _dict,
        ast.DictComp: _dict_comprehension,
        ast.JoinedStr: _joined,
        ast.FormattedValue: _formatted,
        ast.Lambda: _lambda,
    }


_METHODS = Pieces.METHODS  # a global is found sooner


def _name_of(node: ast.AST) -> str:
    names = {ast.NamedExpr: "an assignment (:=)", ast.Await: "await", ast.Yield: "yield"}
    return names.get(type(node), type(node).__name__)


def _alternative(node: ast.AST) -> str | None:
    return "use a component for what needs code" if isinstance(node, ast.NamedExpr) else None
