"""Evaluates a checked expression: by names that are listed, on values whose kind is listed, within budgets."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinFunctionType
from typing import Any, ClassVar

from bundlert.config import allowed
from bundlert.config.allowed import Module
from bundlert.config.budget import Budget
from bundlert.config.expressions import Expression, ExpressionError
from bundlert.text import did_you_mean

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_CONVERSIONS: dict[int, Callable[[Any], Any]] = {
    -1: lambda value: value,
    ord("s"): str,
    ord("r"): repr,
    ord("a"): ascii,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
}


class Evaluator:
    """Evaluates one expression.

    Args:
        names: What a bare name may mean besides the listed builtins and modules: the components.
        reference: Gives the value of a config id.
    """

    def __init__(self, names: Mapping[str, Any], reference: Callable[[str], Any]) -> None:
        self._names = names
        self._reference = reference
        self._budget = Budget()

    def evaluate(self, expression: Expression) -> Any:
        """The value.

        Raises:
            ExpressionError: A name, attribute or size that isn't allowed.
        """
        scope = {name: _Lazy(target) for name, target in expression.references.items()}
        value = self._value(expression.body, scope)
        if isinstance(value, Module):
            raise ExpressionError(f"'{value.dotted}' is a module, not a value")
        return value

    def _value(self, node: ast.AST, scope: dict[str, Any]) -> Any:
        self._budget.step()
        return self._methods[type(node)](self, node, scope)

    # ---- one method a kind of node

    def _constant(self, node: ast.Constant, _scope: dict[str, Any]) -> Any:
        return node.value

    def _name(self, node: ast.Name, scope: dict[str, Any]) -> Any:
        if node.id in scope:
            value = scope[node.id]
            return self._reference(value.target) if isinstance(value, _Lazy) else value
        if node.id in allowed.BUILTINS:
            return allowed.BUILTINS[node.id]
        if node.id in self._names:
            return self._names[node.id]
        if node.id in allowed.NAMES:
            return Module(allowed.NAMES[node.id])
        known = [*allowed.BUILTINS, *allowed.NAMES, *self._names]
        raise ExpressionError(f"the name '{node.id}' isn't listed for expressions", did_you_mean(node.id, known))

    def _attribute(self, node: ast.Attribute, scope: dict[str, Any]) -> Any:
        value = self._value(node.value, scope)
        if isinstance(value, Module):
            return value.member(node.attr)
        if not allowed.may_read(value, node.attr):
            raise ExpressionError(f"'.{node.attr}' of a {type(value).__name__} isn't listed for expressions")
        try:
            return getattr(value, node.attr)
        except AttributeError:
            public = [name for name in dir(value) if not name.startswith("_")]
            raise ExpressionError(
                f"a {type(value).__name__} has no '{node.attr}'", did_you_mean(node.attr, public)
            ) from None

    def _subscript(self, node: ast.Subscript, scope: dict[str, Any]) -> Any:
        value, key = self._value(node.value, scope), self._value(node.slice, scope)
        self._budget.index(value, key)
        return self._budget.made(value[key]) if isinstance(key, slice) else value[key]

    def _slice(self, node: ast.Slice, scope: dict[str, Any]) -> slice:
        return slice(*(self._value(part, scope) if part else None for part in (node.lower, node.upper, node.step)))

    def _call(self, node: ast.Call, scope: dict[str, Any]) -> Any:
        function = self._value(node.func, scope)
        if isinstance(function, Module) or not callable(function):
            raise ExpressionError(f"'{ast.unparse(node.func)}' can't be called")
        arguments = list(self._items(node.args, scope))
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self._value(keyword.value, scope)
            named.update(value if keyword.arg is None else {keyword.arg: value})
        return self._called(function, arguments, named)

    def _called(self, function: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
        key = named.get("key")
        if callable(key) and isinstance(function, BuiltinFunctionType):  # `sorted` would call it past the budget
            named = {**named, "key": lambda item: self._called(key, [item], {})}
        self._budget.call(function, arguments, named)
        return self._budget.made(function(*arguments, **named))

    def _binary(self, node: ast.BinOp, scope: dict[str, Any]) -> Any:
        left, right = self._value(node.left, scope), self._value(node.right, scope)
        self._budget.binary(node.op, left, right)
        return self._budget.made(_BINARY[type(node.op)](left, right))

    def _unary(self, node: ast.UnaryOp, scope: dict[str, Any]) -> Any:
        return self._budget.made(_UNARY[type(node.op)](self._value(node.operand, scope)))

    def _boolean(self, node: ast.BoolOp, scope: dict[str, Any]) -> Any:
        stops_at = isinstance(node.op, ast.Or)
        value = None
        for part in node.values:
            value = self._value(part, scope)
            if bool(value) is stops_at:
                break
        return value

    def _compare(self, node: ast.Compare, scope: dict[str, Any]) -> Any:
        left = self._value(node.left, scope)
        result: Any = True
        for compare, part in zip(node.ops, node.comparators, strict=True):
            right = self._value(part, scope)
            self._budget.compare(compare, left, right)
            result = _COMPARE[type(compare)](left, right)
            if len(node.ops) > 1 and not result:
                return result
            left = right
        return result

    def _either(self, node: ast.IfExp, scope: dict[str, Any]) -> Any:
        return self._value(node.body if self._value(node.test, scope) else node.orelse, scope)

    def _items(self, parts: list[ast.expr], scope: dict[str, Any]) -> Iterator[Any]:
        for part in parts:
            if isinstance(part, ast.Starred):
                yield from self._budget.made(self._value(part.value, scope))
            else:
                yield self._value(part, scope)

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
                made.update(self._budget.made(self._value(part, scope)))
            else:
                (name,) = self._hashed(self._value(key, scope))
                made[name] = self._value(part, scope)
        return made

    def _hashed(self, *values: Any) -> tuple[Any, ...]:
        self._budget.deep(*values)
        return values

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: dict[str, Any]) -> list[Any]:
        return [self._value(node.elt, inner) for inner in self._scopes(node.generators, scope)]

    def _set_comprehension(self, node: ast.SetComp, scope: dict[str, Any]) -> set[Any]:
        return {self._hashed(self._value(node.elt, inner))[0] for inner in self._scopes(node.generators, scope)}

    def _dict_comprehension(self, node: ast.DictComp, scope: dict[str, Any]) -> dict[Any, Any]:
        return {
            self._hashed(self._value(node.key, inner))[0]: self._value(node.value, inner)
            for inner in self._scopes(node.generators, scope)
        }

    def _scopes(self, generators: list[ast.comprehension], scope: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """One scope for each round of nested `for ... if ...`."""
        if not generators:
            yield scope
            return
        first, *rest = generators
        for item in self._value(first.iter, scope):
            inner = {**scope, **_bound(first.target, item)}
            if all(self._value(test, inner) for test in first.ifs):
                yield from self._scopes(rest, inner)

    def _joined(self, node: ast.JoinedStr, scope: dict[str, Any]) -> str:
        return str(self._budget.made("".join(self._value(part, scope) for part in node.values)))

    def _formatted(self, node: ast.FormattedValue, scope: dict[str, Any]) -> str:
        value = self._value(node.value, scope)
        spec = self._value(node.format_spec, scope) if node.format_spec else ""
        self._budget.format(value, spec)
        return format(_CONVERSIONS[node.conversion](value), spec)

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
        ast.FormattedValue: _formatted,
    }


class _Lazy:
    """A reference that is followed when its value is needed."""

    __slots__ = ("target",)

    def __init__(self, target: str) -> None:
        self.target = target


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
