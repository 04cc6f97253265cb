"""How many items are in values, and how many functions make of them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bundlert.config.evaluation.error import ExpressionError

MAX_ITEMS = 3_000_000
CHARACTERS = 10  # so many cost as much as one element of a list
HOLDERS = (list, tuple, dict, set, frozenset)
NOT_NUMBERS = "an array must hold numbers in an expression"
FLAT = frozenset({int, float, bool, type(None)})
_CONTAINER = 10  # walking through what holds more than numbers costs as much as so many of them
_NUMBER_TYPE = re.compile(r"(u?int|float|complex|bool)\d{0,3}")


def weight(values: Sequence[Any]) -> int:
    """How many items are in values, counted to just above what is allowed."""
    total, pending = 0, list(values)
    while pending and total <= MAX_ITEMS:
        value = pending.pop()
        total += 1
        if type(value) in FLAT:
            continue
        if isinstance(value, str | bytes):
            total += len(value) // CHARACTERS
        elif isinstance(value, HOLDERS):
            total += len(value)
            parts = [*value, *value.values()] if isinstance(value, dict) and total <= MAX_ITEMS else value
            if total <= MAX_ITEMS and not FLAT.issuperset(map(type, parts)):
                total += _CONTAINER
                pending.extend(parts)
        elif isinstance(value, range):
            total += len(value)
        elif (shape := shape_of(value)) is not None:
            total += math.prod(shape)
    return total


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an array or tensor; None for what is neither."""
    kind: Any = type(value)
    if not _is_array(kind):
        return None
    shape = getattr(value, "shape", None)
    return tuple(shape) if isinstance(shape, tuple) else None


@lru_cache(maxsize=1000)
def _is_array(kind: Any) -> bool:
    return kind.__module__.partition(".")[0] in ("numpy", "torch")


def is_list(index: Any) -> bool:
    """Whether an index of an array picks several items one by one."""
    return isinstance(index, list | tuple) or bool(shape_of(index))


def spread(*values: Any) -> int:
    """At most how many items come of arrays that are broadcast over each other."""
    shapes = [shape if (shape := shape_of(value)) is not None else (weight((value,)),) for value in values]
    most = max(map(len, shapes))
    padded = [(1,) * (most - len(shape)) + shape for shape in shapes]
    return math.prod(max(sizes) for sizes in zip(*padded, strict=True))


# ---- functions that make as much as their arguments say


def _filled(arguments: Sequence[Any], named: dict[str, Any]) -> float:
    sizes = [*arguments, named.get("size", 1), named.get("shape", 1)]
    flat = [one for size in sizes for one in (size if isinstance(size, list | tuple) else [size])]
    return float(math.prod(int(one) for one in flat if hasattr(one, "__index__")))


def _ranged(arguments: Sequence[Any], named: dict[str, Any]) -> float:
    start, stop, step = (*arguments, *(None,) * 3)[:3]
    start, stop, step = named.get("start", start), named.get("stop", stop), named.get("step", step)
    if stop is None:
        start, stop = 0, start
    return float(min(abs((stop - (start or 0)) / (step or 1)), MAX_ITEMS + 1))


def _spaced(arguments: Sequence[Any], named: dict[str, Any]) -> float:
    number = named.get("num", arguments[2] if len(arguments) > 2 else 50)
    return float(int(number) * weight((arguments, *named.values())))


def _of_numbers(arguments: Sequence[Any], named: dict[str, Any]) -> float:
    """No more than was counted, of numbers; each text would be made as long as the longest."""
    pending = [*arguments[:1], named.get("object")]
    while pending:
        value = pending.pop()
        if isinstance(value, list | tuple):
            pending.extend(value)
        elif isinstance(value, str | bytes | dict):
            raise ExpressionError(NOT_NUMBERS)
    return 0


def check_types(arguments: Sequence[Any], named: dict[str, Any]) -> None:
    """Refuse an element type of any size: `V1000000000`."""
    for kind in (*arguments, named.get("dtype")):
        no_number = isinstance(kind, str) and not _NUMBER_TYPE.fullmatch(kind)
        if no_number or isinstance(kind, bytes | list | tuple | dict):
            raise ExpressionError(NOT_NUMBERS)


MAKERS = {
    "arange": _ranged,
    "array": _of_numbers,
    "linspace": _spaced,
    "ones": _filled,
    "rand": _filled,
    "randn": _filled,
    "where": lambda arguments, named: spread(*arguments, *named.values()),
    "zeros": _filled,
}
