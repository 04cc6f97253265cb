"""The first of several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def first(iterable: Iterable[Any], default: Any = None) -> Any:
    """The first item, or `default` where there is none.

    Args:
        iterable: A list, the keys of a dict, or anything else that can be gone through.
        default: What is given instead.
    """
    return next(iter(iterable), default)
