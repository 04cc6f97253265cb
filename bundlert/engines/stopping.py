"""Ctrl-C once: finish the step. Twice: at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from bundlert.progress import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self.asked: str | None = None

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Note a signal; a second one raises KeyboardInterrupt."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = signal.Signals(number).name
        say("stopping after this step; once more to stop at once")


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Note SIGINT and SIGTERM inside the block instead of dying of them; the old handling comes back after it."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request.receive) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
