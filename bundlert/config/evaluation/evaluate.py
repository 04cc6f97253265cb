"""Evaluates a checked expression: by names that are listed, on values whose kind is listed, within budgets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import BuiltinFunctionType
from typing import Any, ClassVar

from bundlert.config.evaluation import allowed, functions
from bundlert.config.evaluation.budget import NUMBERS, SHORT, Boundless, Budget
from bundlert.config.evaluation.closure import Closure
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.expressions import Expression
from bundlert.config.evaluation.functions import Module
from bundlert.config.evaluation.names import Names
from bundlert.config.evaluation.operators import BINARY, COMPARE, CONVERSIONS, UNARY
from bundlert.config.evaluation.pieces import Piece
from bundlert.text import did_you_mean

_CALLERS = (functions.mapped, functions.filtered)
_COST_OF_CALL = 40
Scope = dict[str, Any]


class Evaluator:
    """Evaluates one expression.

    Args:
        expression: What to evaluate.
        names: What bare names and members of modules mean.
        reference: Gives the value of a config id.
        budget: What is left of it; None for a new one.
    """

    __slots__ = ("_budget", "_expression", "_names", "_reference")

    def __init__(
        self, expression: Expression, names: Names, reference: Callable[[str], Any], budget: Budget | None = None
    ) -> None:
        self._expression = expression
        self._names = names
        self._reference = reference
        self._budget = budget or self.new_budget()

    def new_budget(self) -> Budget:
        """As much as one expression, or one call of a lambda by a component, may compute."""
        return Boundless() if self._names.trusted else Budget()

    def evaluate(self, scope: Scope | None = None) -> Any:
        """The value; a module for an import statement.

        Raises:
            ExpressionError: A name, attribute or size that isn't allowed.
        """
        if self._expression.imports:
            return [self._names.imported(dotted) for dotted in self._expression.imports.values()][-1]
        value = self.value(self._expression.piece, scope or {})
        if type(value) is Module:
            raise ExpressionError(f"'{value.dotted}' is a module, not a value")
        return value

    def value(self, piece: Piece, scope: Scope) -> Any:
        """The value of a part, where `scope` says what loops and lambdas bind."""
        return _METHODS[piece[0]](self, piece, scope)

    def within(self, budget: Budget) -> Evaluator:
        """The same, with another budget."""
        return Evaluator(self._expression, self._names, self._reference, budget)

    # ---- one method a kind of piece

    def _constant(self, piece: Piece, _scope: Scope) -> Any:
        return piece[1]

    def _name(self, piece: Piece, scope: Scope) -> Any:
        name = piece[1]
        if name in scope:
            return scope[name]
        target = self._expression.references.get(name)
        return self._names.find(name) if target is None else self._reference(target)

    def _attribute(self, piece: Piece, scope: Scope) -> Any:
        _, part, name = piece
        value = self.value(part, scope)
        if isinstance(value, Module):
            return self._names.member(value, name)
        if not self._names.trusted and not allowed.may_read(value, name):
            raise ExpressionError(f"'.{name}' of a {type(value).__name__} isn't listed for expressions")
        try:
            return allowed.read(value, name)
        except AttributeError:
            public = [one for one in dir(value) if not one.startswith("_")]
            raise ExpressionError(f"a {type(value).__name__} has no '{name}'", did_you_mean(name, public)) from None

    def _subscript(self, piece: Piece, scope: Scope) -> Any:
        value, key = self.value(piece[1], scope), self.value(piece[2], scope)
        self._budget.index(value, key)
        return self._budget.made(value[key]) if isinstance(key, slice) else value[key]

    def _slice(self, piece: Piece, scope: Scope) -> slice:
        return slice(*[part and self.value(part, scope) for part in piece[1:]])

    def _call(self, piece: Piece, scope: Scope) -> Any:
        _, part, given, keywords = piece
        function = self.value(part, scope)
        if isinstance(function, Module):
            function = self._names.called(function)
        if not callable(function):
            raise ExpressionError(f"a value of type '{type(function).__name__}' can't be called")
        arguments = self._items(given, scope)
        named: Scope = {}
        for name, part in keywords:
            value = self.value(part, scope)
            named.update(value if name is None else {name: value})
        return self._called(function, arguments, named)

    def _called(self, function: Any, arguments: list[Any], named: Scope) -> Any:
        while type(function) is partial:
            arguments, named = [*function.args, *arguments], {**function.keywords, **named}
            function = function.func
        if type(function) is Closure:
            return function.within(self._budget, arguments, named)
        if arguments and callable(arguments[0]) and any(function is one for one in _CALLERS):  # past the budget
            arguments = [partial(self._one_called, arguments[0]), *arguments[1:]]
        if "key" in named and callable(named["key"]) and isinstance(function, BuiltinFunctionType):  # so would `sorted`
            named = {**named, "key": partial(self._one_called, named["key"])}
        named = self._names.translated(function, named)
        self._budget.call(function, arguments, named)
        return self._budget.made(function(*arguments, **named))

    def _one_called(self, function: Any, *arguments: Any) -> Any:
        self._budget.step(_COST_OF_CALL)
        return self._called(function, list(arguments), {})

    def _lambda(self, piece: Piece, scope: Scope) -> Closure:
        return Closure(self, piece, scope)

    def _binary(self, piece: Piece, scope: Scope) -> Any:
        _, one, kind, other = piece
        left, right = _METHODS[one[0]](self, one, scope), _METHODS[other[0]](self, other, scope)
        if kind in SHORT and type(left) in NUMBERS and type(right) in NUMBERS:
            return self._budget.number(BINARY[kind](left, right))
        self._budget.binary(kind, left, right)
        return self._budget.made(BINARY[kind](left, right))

    def _unary(self, piece: Piece, scope: Scope) -> Any:
        return self._budget.made(UNARY[piece[1]](self.value(piece[2], scope)))

    def _boolean(self, piece: Piece, scope: Scope) -> Any:
        _, stops_at, parts = piece
        value = None
        for part in parts:
            value = self.value(part, scope)
            if bool(value) is stops_at:
                break
        return value

    def _compare(self, piece: Piece, scope: Scope) -> Any:
        _, first, others = piece
        left = self.value(first, scope)
        result: Any = True
        for kind, part in others:
            right = self.value(part, scope)
            if type(left) not in NUMBERS or type(right) not in NUMBERS:
                self._budget.compare(kind, left, right)
            result = COMPARE[kind](left, right)
            if len(others) > 1 and not result:
                return result
            left = right
        return result

    def _either(self, piece: Piece, scope: Scope) -> Any:
        _, test, this, that = piece
        return self.value(this if self.value(test, scope) else that, scope)

    def _items(self, parts: Iterable[Piece], scope: Scope) -> list[Any]:
        items: list[Any] = []
        for part in parts:
            if part[0] is ast.Starred:
                items.extend(self._budget.made(self.value(part[1], scope)))
            else:
                items.append(self.value(part, scope))
        return items

    def _list(self, piece: Piece, scope: Scope) -> list[Any]:
        return self._items(piece[1], scope)

    def _tuple(self, piece: Piece, scope: Scope) -> tuple[Any, ...]:
        return tuple(self._items(piece[1], scope))

    def _set(self, piece: Piece, scope: Scope) -> set[Any]:
        return {self._hashed(item) for item in self._items(piece[1], scope)}

    def _dict(self, piece: Piece, scope: Scope) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, part in piece[1]:
            if key is None:
                made.update(self._budget.made(self.value(part, scope)))
            else:
                name = self._hashed(self.value(key, scope))  # as in Python, before the value
                made[name] = self.value(part, scope)
        return made

    def _hashed(self, value: Any) -> Any:
        self._budget.deep(value)
        return value

    def _comprehension(self, piece: Piece, scope: Scope) -> list[Any]:
        _, element, loops = piece
        return [self.value(element, inner) for inner in self._rounds(loops, dict(scope))]

    def _set_comprehension(self, piece: Piece, scope: Scope) -> set[Any]:
        _, element, loops = piece
        return {self._hashed(self.value(element, inner)) for inner in self._rounds(loops, dict(scope))}

    def _dict_comprehension(self, piece: Piece, scope: Scope) -> dict[Any, Any]:
        _, key, part, loops = piece
        rounds = self._rounds(loops, dict(scope))
        return {self._hashed(self.value(key, inner)): self.value(part, inner) for inner in rounds}

    def _rounds(self, loops: tuple[Piece, ...], scope: Scope) -> Iterator[Scope]:
        """The rounds of loops within each other: each sets its names in the one scope, which is given again."""
        (target, part, tests, cost), *inner = loops
        for item in self._budget.rounds(self.value(part, scope), cost):
            if type(target) is str:
                scope[target] = item
            else:
                _bind(target, item, scope)
            for test in tests:
                if not _METHODS[test[0]](self, test, scope):
                    break
            else:
                if inner:
                    yield from self._rounds(loops[1:], scope)
                else:
                    yield scope

    def _joined(self, piece: Piece, scope: Scope) -> str:
        return str(self._budget.made("".join([self.value(part, scope) for part in piece[1]])))

    def _formatted(self, piece: Piece, scope: Scope) -> str:
        _, part, conversion, written = piece
        value = self.value(part, scope)
        spec = self.value(written, scope) if written else ""
        self._budget.format(value, spec)
        return format(CONVERSIONS[conversion](value), spec)

    METHODS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Piece, Scope], Any]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Subscript: _subscript,
        ast.Slice: _slice,
        ast.Call: _call,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _boolean,
        ast.Compare: _compare,
        ast.IfExp: _either,
        ast.List: _list,
        ast.Tuple: _tuple,
        ast.Set: _set,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.SetComp: _set_comprehension,
        ast.DictComp: _dict_comprehension,
        ast.JoinedStr: _joined,
        ast.Lambda: _lambda,
        ast.FormattedValue: _formatted,
    }


_METHODS = Evaluator.METHODS  # a global is found sooner


def _bind(target: str | tuple[Any, ...], item: Any, scope: Scope) -> None:
    """Set what a loop binds: `x`, or `(x, y)` of a pair."""
    if isinstance(target, str):
        scope[target] = item
        return
    values = list(item)
    if len(values) != len(target):
        raise ValueError(f"a loop binds {len(target)} values, got {len(values)}")
    for part, value in zip(target, values, strict=True):
        _bind(part, value, scope)
