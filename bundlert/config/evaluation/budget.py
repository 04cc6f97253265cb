"""How much one expression may compute: every bound is checked before the work is done.

An item is an element of a list, text or array that some operation makes or walks through. A value that holds another
one twice counts it twice, since whatever prints, compares or hashes it does so too.
"""

from __future__ import annotations

import ast
import builtins
import math
import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from types import FunctionType
from typing import Any

from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.weights import (
    CHARACTERS,
    FLAT,
    HOLDERS,
    MAKERS,
    MAX_ITEMS,
    NOT_NUMBERS,
    check_types,
    is_list,
    shape_of,
    spread,
    weight,
)

MAX_STEPS = 1_000_000
MAX_BITS = 10_000

_WIDE = re.compile(r"\d{5,}")
_PERCENT_WIDE = re.compile(r"%(?:\(.*\))?[-#0 +]*(?:\d*\.)?(?:\*|\d{5,})", re.DOTALL)
_MAX_TEMPLATE = 1000  # characters of a text before `%`: the pattern above tries every pair of brackets
_MAX_DIGITS = 400  # no float has more before or behind its point
NUMBERS = {int, float}
SHORT = {ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod}  # of two numbers: no longer than both together
_SHALLOW = (len, bool, list, tuple, reversed, enumerate)  # look at no more than what a value holds itself
_SIZED = (*HOLDERS, range)
_STRANGE = 15  # what the next item of a tensor costs, for instance
_PADDING = ("center", "ljust", "rjust", "zfill")


class Budget:
    """What is left of an expression's steps and items.

    Attributes:
        steps: One for each tenth of a microsecond that loops and lambdas take, about.
        calls: How many lambdas are open.
    """

    steps: float = MAX_STEPS
    calls = 0
    _items: float = MAX_ITEMS
    _bits: float = MAX_BITS

    def step(self, cost: int) -> None:
        """Count what is done once more.

        Raises:
            ExpressionError: There was too much.
        """
        self.steps -= cost
        if self.steps < 0:
            raise ExpressionError(f"more than {MAX_STEPS:,} steps")

    def rounds(self, items: Any, cost: int) -> Iterable[Any]:
        """The items of a loop as they are now. All rounds are counted at once, where somebody can tell how many.

        Raises:
            ExpressionError: There are too many.
        """
        if not isinstance(items, _SIZED):
            return self._one_by_one(items, cost + _STRANGE)
        self.step(len(items) * cost)
        return items if type(items) is range else tuple(items)

    def _one_by_one(self, items: Iterable[Any], cost: int) -> Iterator[Any]:
        for item in items:
            self.step(cost)
            yield item

    def spend(self, items: float) -> None:
        """Count items.

        Raises:
            ExpressionError: There were too many.
        """
        if items > 0:
            self._items -= min(items, MAX_ITEMS + 1)
        if self._items < 0:
            raise ExpressionError(f"more than {MAX_ITEMS:,} items to compute with")

    def deep(self, *values: Any) -> None:
        """Count all that values hold."""
        self.spend(len(values) if FLAT.issuperset(map(type, values)) else weight(values))

    def number(self, value: Any) -> Any:
        """Give a new number, unless it is too long."""
        if type(value) is int:
            self._check_bits(value.bit_length())
        return value

    def made(self, value: Any) -> Any:
        """Count a new value, and give it."""
        if isinstance(value, int):
            self._check_bits(value.bit_length())
        elif isinstance(value, str | bytes):
            self.spend(len(value) // CHARACTERS)
        elif isinstance(value, _SIZED):
            self.spend(len(value))
        elif (shape := shape_of(value)) is not None:
            self.spend(math.prod(shape))
        return value

    def binary(self, kind: type[ast.operator], left: Any, right: Any) -> None:
        """Allow `left kind right`."""
        if kind is ast.Add and type(left) is type(right) is str:
            self.spend((len(left) + len(right)) // CHARACTERS)
            return
        if kind is ast.Mult:
            self._repeat(left, right)
            self._repeat(right, left)
        if isinstance(left, int) and isinstance(right, int):
            self._check_bits(_bits(kind, left, right))
        elif shape_of(left) is not None or shape_of(right) is not None:
            self._arrays(kind, left, right)
        elif kind is ast.Mod and isinstance(left, str | bytes):
            self._template(left, right)
        elif kind is not ast.Mult:
            self.made(left)
            self.made(right)

    def compare(self, kind: type[ast.cmpop], left: Any, right: Any) -> None:
        """Allow a comparison; looking a key up costs no more than the key."""
        if kind in (ast.Is, ast.IsNot):
            return
        if kind in (ast.In, ast.NotIn) and isinstance(right, dict | set | frozenset | range):
            self.deep(left)
        elif shape_of(left) is not None or shape_of(right) is not None:
            self._arrays(ast.Add, left, right)
        else:
            self.deep(left, right)

    def format(self, value: Any, spec: str) -> None:
        """Allow `format(value, spec)`."""
        if _WIDE.search(spec):
            raise ExpressionError(f"the format '{spec[:20]}' is too wide")
        self.deep(value)

    def index(self, value: Any, key: Any) -> None:
        """Allow `value[key]`; arrays of indices in a tuple could be spread over each other."""
        shape = shape_of(value)
        if shape is None:
            self.deep(key if not isinstance(key, slice) else None)
        elif lists := [one for one in (key if isinstance(key, tuple) else (key,)) if is_list(one)]:
            if len(lists) > 1:
                raise ExpressionError("an array takes one list of indices, not several")
            self.spend(weight(lists) * math.prod(shape[1:] if lists[0] is key else shape))

    def call(self, function: Any, arguments: Sequence[Any], named: dict[str, Any]) -> None:
        """Allow `function(*arguments, **named)`, as far as the function's own work goes."""
        if any(function is one for one in _SHALLOW):
            return
        given = [*arguments, *named.values()]
        self.deep(*given)
        owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
        if function is round and any(isinstance(one, int) and abs(one) > _MAX_DIGITS for one in given[1:]):
            raise ExpressionError(f"round to more than {_MAX_DIGITS} digits")
        if owner is builtins:
            return
        if isinstance(owner, str):
            self._text(owner, name, arguments)
        elif isinstance(owner, list | tuple):
            self.deep(owner)
        elif shape_of(owner) is not None:
            self.spend(spread(owner, *given))
            if name == "astype":
                check_types(arguments, named)
        elif name in MAKERS and _is_of_library(function):
            check_types(arguments[1:], named)
            self.spend(MAKERS[name](arguments, named))

    # ---- kinds of values

    def _check_bits(self, bits: int) -> None:
        if bits > self._bits:
            raise ExpressionError(f"a number of more than {MAX_BITS:,} bits")

    def _arrays(self, kind: type[ast.operator], left: Any, right: Any) -> None:
        for value in (left, right):  # the arithmetic of objects and texts has no bounds
            if getattr(getattr(value, "dtype", None), "kind", "f") not in "biufc":
                raise ExpressionError(NOT_NUMBERS)
        if kind is ast.MatMult:
            self.spend(weight((left,)) * max(1, *(shape_of(right) or (weight((right,)),))[-1:]))
        else:
            self.spend(spread(left, right))

    def _repeat(self, sequence: Any, times: Any) -> None:
        if isinstance(sequence, str | bytes | list | tuple):
            with suppress(TypeError):  # what is no index repeats nothing
                self.spend(len(sequence) * operator.index(times))

    def _template(self, text: str | bytes, values: Any) -> None:
        shown = text if isinstance(text, str) else text.decode("latin-1")
        if len(shown) > _MAX_TEMPLATE or _PERCENT_WIDE.search(shown):
            raise ExpressionError(f"the format '{shown[:20]}' is too wide")
        self.spend(weight((values,)) * shown.count("%"))

    def _text(self, text: str, name: str, arguments: Sequence[Any]) -> None:
        self.deep(text)
        if name in _PADDING and arguments and isinstance(arguments[0], int):
            self.spend(arguments[0] // CHARACTERS)
        elif name == "replace" and len(arguments) > 1:
            self.spend((len(text) + 1) * weight(arguments[1:2]))
        elif name == "join":
            self.spend(weight((text,)) * weight(arguments))


class Boundless(Budget):
    """For trusted code, which may take what it needs."""

    steps = math.inf
    _items = math.inf
    _bits = math.inf


def _is_of_library(function: Any) -> bool:
    """Whether a function called as those of numpy and torch is one of them."""
    in_python = isinstance(function, FunctionType | type)
    return not in_python or str(function.__module__).partition(".")[0] == "numpy"


def _bits(kind: type[ast.operator], left: int, right: int) -> int:
    """At most how long an integer becomes."""
    sizes = (left.bit_length(), right.bit_length())
    if kind is ast.Pow:
        return sizes[0] * abs(right)
    if kind is ast.LShift:
        return sizes[0] + max(0, right)
    return sum(sizes) if kind is ast.Mult else max(sizes)
