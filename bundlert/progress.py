"""Long work tells how far it is; who shows it, and how, is decided elsewhere.

Rooms below the CLI call `task` and `say`. By default nothing is shown; the CLI puts a `Display` in place: bars on a
terminal, plain lines in a pipe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar


class Task:
    """One piece of long work. This one shows nothing."""

    def advance(self, steps: int = 1, **figures: float) -> None:
        """Tell that `steps` more are done, with figures worth seeing: `loss=0.31`."""

    def show(self, **figures: float) -> None:
        """Tell new figures without a step: `dice=0.91`."""


class Display:
    """Where progress and words go. This one keeps quiet."""

    @contextmanager
    def task(self, _what: str, *, total: int, unit: str, done: int) -> Iterator[Task]:  # noqa: ARG002 (a subclass's)
        """Show one piece of work for as long as the block runs."""
        yield Task()

    def say(self, text: str) -> None:
        """Show one line of words."""


_display: ContextVar[Display] = ContextVar("display", default=Display())  # noqa: B039 (it has no state)


def task(what: str, *, total: int, unit: str = "", done: int = 0) -> AbstractContextManager[Task]:
    """Begin work of `total` steps, `done` of which are done; `unit` names a step: `image`, `step`."""
    return _display.get().task(what, total=total, unit=unit, done=done)


def say(text: str) -> None:
    """Tell the user one line."""
    _display.get().say(text)


@contextmanager
def shown_by(display: Display) -> Iterator[None]:
    """Let `display` show all progress inside the block."""
    token = _display.set(display)
    try:
        yield
    finally:
        _display.reset(token)
