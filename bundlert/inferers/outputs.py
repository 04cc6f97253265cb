"""What a network gives: a tensor, or a tuple, a list or a dictionary of such. Taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor


def parts_of(output: Any) -> list[Tensor]:
    """All tensors of an output, in order.

    Raises:
        TypeError: There is something else in it.
    """
    if isinstance(output, Tensor):
        return [output]
    if isinstance(output, tuple | list):
        return [part for one in output for part in parts_of(one)]
    if isinstance(output, dict):
        return [part for one in output.values() for part in parts_of(one)]
    raise TypeError(
        f"a network must give tensors, or tuples, lists and dictionaries of them, got {type(output).__name__}"
    )


def put_together(like: Any, parts: Sequence[Tensor]) -> Any:
    """Other tensors in the places of those of `like`."""
    return _put_together(like, iter(parts).__next__)


def changed(output: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The output with each tensor changed."""
    return put_together(output, [change(part) for part in parts_of(output)])


def shape_of(output: Any) -> Any:
    """The output's structure without its tensors, to be filled by `put_together`."""
    return put_together(output, [part.new_empty(0) for part in parts_of(output)])


def _put_together(like: Any, following: Callable[[], Tensor]) -> Any:
    if isinstance(like, Tensor):
        return following()
    if isinstance(like, dict):
        return {key: _put_together(one, following) for key, one in like.items()}
    return type(like)(_put_together(one, following) for one in like)
