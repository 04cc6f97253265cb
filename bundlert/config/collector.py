"""Python's collector of circular garbage, which looks at a growing tree again and again and finds nothing in it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (20_000, 50, 100)  # new values before it looks at them, and how often at the older ones


@contextmanager
def paused() -> Iterator[None]:
    """Let it rest inside the block: for work that makes many values and no circles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def rarely() -> Iterator[None]:
    """Let it look seldom inside the block: for work that keeps what it makes, and runs other people's code."""
    before = gc.get_threshold()
    if before[0] and before[0] < _RARELY[0]:
        gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
