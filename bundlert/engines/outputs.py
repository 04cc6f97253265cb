"""Picks entries out of samples and results, for metrics and handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def from_engine(keys: str | Sequence[str], first: bool = False) -> Callable[[Any], Any]:
    """A function that takes a dict, or a list of dicts, and gives what stands at `keys`.

    Of a dict it gives a tuple, one value a key. Of a list of dicts it gives a list for each key: `from_engine(["a",
    "b"])` makes `([1, 3], [2, 4])` of `[{"a": 1, "b": 2}, {"a": 3, "b": 4}]`; the list alone where there is one key.

    Args:
        keys: The entries, one or several.
        first: Whether of a list only the first dict counts, for what is the same in all of them.

    Raises:
        ValueError: When called: neither a dict nor a list of dicts, or one without an entry.
    """
    names = (keys,) if isinstance(keys, str) else tuple(keys)

    def pick(data: Any) -> Any:
        if isinstance(data, Mapping):
            return tuple(_entry(data, name) for name in names)
        if not isinstance(data, list | tuple) or not data or not all(isinstance(one, Mapping) for one in data):
            raise ValueError(f"data must be a dict or a list of dicts, got {type(data).__name__} {data!s:.80}")
        columns = [_entry(data[0], name) if first else [_entry(one, name) for one in data] for name in names]
        return columns[0] if len(columns) == 1 else tuple(columns)

    return pick


def _entry(data: Mapping[str, Any], name: str) -> Any:
    if name not in data:
        raise ValueError(f"data must have '{name}', got {', '.join(map(str, data))}")
    return data[name]
