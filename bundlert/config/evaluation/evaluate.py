"""Evaluates a checked expression: by names that are listed, on values whose kind is listed, within budgets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from types import BuiltinFunctionType
from typing import Any, ClassVar

from bundlert.config.evaluation import allowed, functions
from bundlert.config.evaluation.budget import NUMBERS, SHORT, Budget
from bundlert.config.evaluation.closure import Closure
from bundlert.config.evaluation.expressions import Expression, ExpressionError
from bundlert.config.evaluation.functions import Module
from bundlert.config.evaluation.names import Names
from bundlert.config.evaluation.operators import BINARY, COMPARE, CONVERSIONS, UNARY
from bundlert.text import did_you_mean

_CALLERS = (functions.mapped, functions.filtered)


class Evaluator:
    """Evaluates one expression.

    Args:
        expression: What to evaluate.
        names: What bare names and members of modules mean.
        reference: Gives the value of a config id.
    """

    __slots__ = ("_budget", "_expression", "_names", "_reference")

    def __init__(
        self, expression: Expression, names: Names, reference: Callable[[str], Any], budget: Budget | None = None
    ) -> None:
        self._expression = expression
        self._names = names
        self._reference = reference
        self._budget = budget or Budget(trusted=names.trusted)

    @property
    def trusted(self) -> bool:
        """Whether its code is trusted."""
        return self._names.trusted

    def evaluate(self, scope: dict[str, Any] | None = None) -> Any:
        """The value; a module for an import statement.

        Raises:
            ExpressionError: A name, attribute or size that isn't allowed.
        """
        if self._expression.imports:
            return [self._names.imported(dotted) for dotted in self._expression.imports.values()][-1]
        value = self.value(self._expression.body, scope or {})
        if isinstance(value, Module):
            raise ExpressionError(f"'{value.dotted}' is a module, not a value")
        return value

    def value(self, node: ast.AST, scope: dict[str, Any]) -> Any:
        """The value of a part, where `scope` says what loops and lambdas bind."""
        budget = self._budget
        budget.steps -= 1
        if budget.steps < 0:
            raise budget.too_many_steps()
        return self._methods[type(node)](self, node, scope)

    def within(self, budget: Budget) -> Evaluator:
        """The same, with another budget."""
        return Evaluator(self._expression, self._names, self._reference, budget)

    # ---- one method a kind of node

    def _constant(self, node: ast.Constant, _scope: dict[str, Any]) -> Any:
        return node.value

    def _name(self, node: ast.Name, scope: dict[str, Any]) -> Any:
        name = node.id
        if name in scope:
            return scope[name]
        target = self._expression.references.get(name)
        return self._names.find(name) if target is None else self._reference(target)

    def _attribute(self, node: ast.Attribute, scope: dict[str, Any]) -> Any:
        value = self.value(node.value, scope)
        if isinstance(value, Module):
            return self._names.member(value, node.attr)
        if not self._names.trusted and not allowed.may_read(value, node.attr):
            raise ExpressionError(f"'.{node.attr}' of a {type(value).__name__} isn't listed for expressions")
        try:
            return allowed.read(value, node.attr)
        except AttributeError:
            public = [name for name in dir(value) if not name.startswith("_")]
            raise ExpressionError(
                f"a {type(value).__name__} has no '{node.attr}'", did_you_mean(node.attr, public)
            ) from None

    def _subscript(self, node: ast.Subscript, scope: dict[str, Any]) -> Any:
        value, key = self.value(node.value, scope), self.value(node.slice, scope)
        self._budget.index(value, key)
        return self._budget.made(value[key]) if isinstance(key, slice) else value[key]

    def _slice(self, node: ast.Slice, scope: dict[str, Any]) -> slice:
        return slice(*(self.value(part, scope) if part else None for part in (node.lower, node.upper, node.step)))

    def _call(self, node: ast.Call, scope: dict[str, Any]) -> Any:
        function = self.value(node.func, scope)
        if isinstance(function, Module):
            function = self._names.called(function)
        if not callable(function):
            raise ExpressionError(f"'{ast.unparse(node.func)}' can't be called")
        arguments = list(self._items(node.args, scope))
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            named.update(value if keyword.arg is None else {keyword.arg: value})
        return self._called(function, arguments, named)

    def _called(self, function: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
        while type(function) is partial:
            arguments, named = [*function.args, *arguments], {**function.keywords, **named}
            function = function.func
        if isinstance(function, Closure):
            return function.within(self._budget, arguments, named)
        if (
            any(function is one for one in _CALLERS) and arguments and callable(arguments[0])
        ):  # they would call it past the budget
            arguments = [partial(self._one_called, arguments[0]), *arguments[1:]]
        if callable(named.get("key")) and isinstance(function, BuiltinFunctionType):  # and so would `sorted`
            named = {**named, "key": partial(self._one_called, named["key"])}
        named = self._names.translated(function, named)
        self._budget.call(function, arguments, named)
        return self._budget.made(function(*arguments, **named))

    def _one_called(self, function: Any, *arguments: Any) -> Any:
        return self._called(function, list(arguments), {})

    def _lambda(self, node: ast.Lambda, scope: dict[str, Any]) -> Closure:
        return Closure(self, node, scope)

    def _binary(self, node: ast.BinOp, scope: dict[str, Any]) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        kind = type(node.op)
        if type(left) in NUMBERS and type(right) in NUMBERS and kind in SHORT:
            return self._budget.number(BINARY[kind](left, right))
        self._budget.binary(node.op, left, right)
        return self._budget.made(BINARY[kind](left, right))

    def _unary(self, node: ast.UnaryOp, scope: dict[str, Any]) -> Any:
        return self._budget.made(UNARY[type(node.op)](self.value(node.operand, scope)))

    def _boolean(self, node: ast.BoolOp, scope: dict[str, Any]) -> Any:
        stops_at = isinstance(node.op, ast.Or)
        value = None
        for part in node.values:
            value = self.value(part, scope)
            if bool(value) is stops_at:
                break
        return value

    def _compare(self, node: ast.Compare, scope: dict[str, Any]) -> Any:
        left = self.value(node.left, scope)
        result: Any = True
        for compare, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part, scope)
            self._budget.compare(compare, left, right)
            result = COMPARE[type(compare)](left, right)
            if len(node.ops) > 1 and not result:
                return result
            left = right
        return result

    def _either(self, node: ast.IfExp, scope: dict[str, Any]) -> Any:
        return self.value(node.body if self.value(node.test, scope) else node.orelse, scope)

    def _items(self, parts: list[ast.expr], scope: dict[str, Any]) -> Iterator[Any]:
        for part in parts:
            if isinstance(part, ast.Starred):
                yield from self._budget.made(self.value(part.value, scope))
            else:
                yield self.value(part, scope)

    def _list(self, node: ast.List, scope: dict[str, Any]) -> list[Any]:
        return list(self._items(node.elts, scope))

    def _tuple(self, node: ast.Tuple, scope: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(self._items(node.elts, scope))

    def _set(self, node: ast.Set, scope: dict[str, Any]) -> set[Any]:
        return set(self._hashed(*self._items(node.elts, scope)))

    def _dict(self, node: ast.Dict, scope: dict[str, Any]) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, part in zip(node.keys, node.values, strict=True):
            if key is None:
                made.update(self._budget.made(self.value(part, scope)))
            else:
                (name,) = self._hashed(self.value(key, scope))
                made[name] = self.value(part, scope)
        return made

    def _hashed(self, *values: Any) -> tuple[Any, ...]:
        self._budget.deep(*values)
        return values

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: dict[str, Any]) -> list[Any]:
        return [self.value(node.elt, inner) for inner in self._scopes(node.generators, scope)]

    def _set_comprehension(self, node: ast.SetComp, scope: dict[str, Any]) -> set[Any]:
        return {self._hashed(self.value(node.elt, inner))[0] for inner in self._scopes(node.generators, scope)}

    def _dict_comprehension(self, node: ast.DictComp, scope: dict[str, Any]) -> dict[Any, Any]:
        return {
            self._hashed(self.value(node.key, inner))[0]: self.value(node.value, inner)
            for inner in self._scopes(node.generators, scope)
        }

    def _scopes(self, generators: list[ast.comprehension], scope: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """One scope for each round of nested `for ... if ...`."""
        if not generators:
            yield scope
            return
        first, *rest = generators
        for item in self.value(first.iter, scope):
            inner = {**scope, **_bound(first.target, item)}
            if all(self.value(test, inner) for test in first.ifs):
                yield from self._scopes(rest, inner)

    def _joined(self, node: ast.JoinedStr, scope: dict[str, Any]) -> str:
        return str(self._budget.made("".join(self.value(part, scope) for part in node.values)))

    def _formatted(self, node: ast.FormattedValue, scope: dict[str, Any]) -> str:
        value = self.value(node.value, scope)
        spec = self.value(node.format_spec, scope) if node.format_spec else ""
        self._budget.format(value, spec)
        return format(CONVERSIONS[node.conversion](value), spec)

    _methods: ClassVar[dict[type[ast.AST], Callable[[Any, Any, dict[str, Any]], Any]]] = {
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


def _bound(target: ast.expr, item: Any) -> dict[str, Any]:
    """The names that a loop variable binds: `x`, or `(x, y)` of a pair."""
    if isinstance(target, ast.Name):
        return {target.id: item}
    if not isinstance(target, ast.Tuple | ast.List):
        raise ExpressionError(f"a loop can't bind '{ast.unparse(target)}'")
    bound: dict[str, Any] = {}
    values = list(item)
    if len(values) != len(target.elts):
        raise ValueError(f"'{ast.unparse(target)}' takes {len(target.elts)} values, got {len(values)}")
    for part, value in zip(target.elts, values, strict=True):
        bound.update(_bound(part, value))
    return bound
