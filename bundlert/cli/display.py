"""How progress looks: bars on a terminal, plain lines in a pipe. All of it goes to stderr; stdout is for results."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from bundlert.progress import Display, Task
from bundlert.text import human_size, human_time

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_EVERY_S = 10.0


def choose_display(*, quiet: bool, stream: TextIO | None = None) -> Display:
    """Bars if `stream` (stderr) is a terminal, plain lines if not, nothing if quiet."""
    stream = sys.stderr if stream is None else stream
    if quiet:
        return Display()
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        return TerminalDisplay(stream)
    return PlainDisplay(stream)


def worded(figures: dict[str, float]) -> str:
    """Figures as people read them: `loss 0.312  dice 0.931  12.3 samples/s  1.2 GB`."""
    parts = []
    for name, value in figures.items():
        if name.endswith("_bytes"):
            parts.append(human_size(value))
        elif name.endswith("_per_s"):
            parts.append(f"{value:.1f} {name.removesuffix('_per_s')}/s")
        else:
            parts.append(f"{name} {value:.3f}")
    return "  ".join(parts)


def _plural(unit: str) -> str:
    return f"{unit}s" if unit else ""


class PlainDisplay(Display):
    """Lines without control characters: at the end of a task, and every few seconds of a long one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def task(self, what: str, *, total: int, unit: str, done: int) -> Iterator[Task]:
        """Tell how far it is, now and then."""
        line = _PlainTask(self, what, total, unit, done)
        yield line
        line.finish()

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, file=self._stream, flush=True)


class _PlainTask(Task):
    def __init__(self, display: PlainDisplay, what: str, total: int, unit: str, done: int) -> None:
        self._display, self._what, self._total, self._unit, self._done = display, what, total, unit, done
        self._first, self._begun = done, time.monotonic()
        self._told = self._begun
        self._figures: dict[str, float] = {}

    def advance(self, steps: int = 1, **figures: float) -> None:
        self._done += steps
        self._figures.update(figures)
        now = time.monotonic()
        if now - self._told >= _LINE_EVERY_S:
            self._told = now
            left = (now - self._begun) / max(self._done - self._first, 1) * (self._total - self._done)
            self._tell(f"{human_time(left)} left")

    def show(self, **figures: float) -> None:
        self._figures.update(figures)

    def finish(self) -> None:
        self._tell(human_time(time.monotonic() - self._begun))

    def _tell(self, when: str) -> None:
        progress = f"{self._what} {self._done}/{self._total} {_plural(self._unit)}".rstrip()
        self._display.say("  ".join(part for part in (progress, worded(self._figures), when) if part))


class TerminalDisplay(Display):
    """Bars that move, one below the other where work is nested."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bars: Progress | None = None
        self._open = 0

    @contextmanager
    def task(self, what: str, *, total: int, unit: str, done: int) -> Iterator[Task]:
        """Show a bar."""
        if self._bars is None:
            self._bars = _bars(self._stream)
            self._bars.start()
        self._open += 1
        row = self._bars.add_task(what, total=total, completed=done, unit=_plural(unit), figures="")
        try:
            yield _Bar(self._bars, row)
        finally:
            self._open -= 1
            if self._open:
                self._bars.remove_task(row)  # a nested bar leaves when it is done
            else:
                self._bars.stop()
                self._bars = None

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        if self._bars is None:
            print(text, file=self._stream, flush=True)
        else:
            self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Bar(Task):
    def __init__(self, bars: Progress, row: TaskID) -> None:
        self._bars, self._row = bars, row
        self._figures: dict[str, float] = {}

    def advance(self, steps: int = 1, **figures: float) -> None:
        self._figures.update(figures)
        self._bars.update(self._row, advance=steps, figures=worded(self._figures))

    def show(self, **figures: float) -> None:
        self.advance(0, **figures)


def _bars(stream: TextIO) -> Progress:
    from rich.console import Console  # noqa: PLC0415 (60 ms that only a terminal needs)
    from rich.progress import (  # noqa: PLC0415  # fmt: skip
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TextColumn("{task.fields[figures]}", style="cyan"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(file=stream, stderr=True),
        refresh_per_second=8,
    )
