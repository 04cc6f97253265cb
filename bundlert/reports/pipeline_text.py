"""A chain and its fused form as lines: a column for each image, in which a bracket holds what is done at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bundlert.reports.pipeline import Fusion, Plan, Step
from bundlert.reports.pipeline_trace import Measured, Seen, Trace
from bundlert.text import human_size, listed

_LONGEST_VALUE = 60
_MARKS = {"begins": "┌", "goes on": "├", "waits": "│", "done": "└", "reads": "●", "touches": "·", "nothing": " "}
LEGEND = (
    "┌ ├ steps that wait to be done at once, └ where they are done; ● reads voxels as they are; "
    "· anything else that a step does to an image"
)


def plan_lines(plan: Plan, trace: Trace | None = None) -> Iterator[str]:
    """The lines of a plan, with what was measured if there is a trace."""
    lanes, cache = _Lanes(plan), trace.cache if trace else None
    yield f"      {lanes.heading()}step"
    for number in range(1, len(plan.steps) + 2):
        for _, together in groupby((one for one in plan.fusions if one.before == number), key=lambda one: one.why):
            yield from lanes.done(list(together))
        if number == plan.cache_stops:
            yield "      " + "─" * lanes.width + "from here on by chance: a cache keeps what is before" + _time(cache)
            yield from _seen_lines(cache, lanes) if cache else ()
        if number <= len(plan.steps):
            yield from _step_lines(plan.steps[number - 1], lanes, trace.steps[number - 1] if trace else None)
    if trace:
        yield f"      {lanes.row()}for the batch{_time(trace.end)}"
        yield from _seen_lines(trace.end, lanes)
        yield f"      {lanes.row()}all   {trace.time_ms:.1f} ms"


class _Lanes:
    """The columns, and which of them hold something that waits."""

    def __init__(self, plan: Plan) -> None:
        self.keys = plan.keys
        self.waiting: set[str] = set()
        self.width = sum(len(key) + 2 for key in self.keys)

    def heading(self) -> str:
        return "".join(f"{key}  " for key in self.keys)

    def row(self, step: Step | None = None, done: Sequence[str] = ()) -> str:
        """The marks of one line; after it, what the step began waits."""
        row = "".join(f"{self._mark(key, step, done):<{len(key) + 2}}" for key in self.keys)
        self.waiting -= set(done)
        self.waiting |= set(step.moves) if step else set()
        return row

    def done(self, together: list[Fusion]) -> Iterator[str]:
        """What is done at once before a step, for one reason; one line for all images to which the same happens."""
        for words, alike in groupby(together, key=_words):
            keys = [one.key for one in alike]
            yield f"      {self.row(done=keys)}{listed(keys)}: {words}"

    def _mark(self, key: str, step: Step | None, done: Sequence[str]) -> str:
        waits = key in self.waiting
        if key in done:
            return _MARKS["done"]
        if step and key in step.moves:
            return _MARKS["goes on" if waits else "begins"]
        if step and key in step.reads:
            return _MARKS["reads"]
        if waits:
            return _MARKS["waits"]
        return _MARKS["touches" if step and key in step.keys else "nothing"]


def _words(fusion: Fusion) -> str:
    several = len(fusion.steps) > 1
    steps = f"steps {listed(map(str, fusion.steps))}" if several else f"step {fusion.steps[0]}"
    how = f"resampled once ({fusion.mode})" if fusion.mode else "voxels moved, none interpolated"
    words = f"{steps} {'are' if several else 'is'} done here: {how}, since {fusion.why}"
    if fusion.unless_inside:
        at = listed(map(str, fusion.unless_inside))
        words += f"; before step {at} too, should the steps before it reach outside the image: it pads otherwise"
    return words


def _step_lines(step: Step, lanes: _Lanes, measured: Measured | None) -> Iterator[str]:
    given = ", ".join(f"{name}={_short(value)}" for name, value in step.arguments.items())
    line = f"{step.number:>4}  {lanes.row(step)}{step.name}"
    line += f"({given})" if given else ""
    line += "  by chance" if step.random else ""
    yield line + _time(measured)
    yield from _seen_lines(measured, lanes) if measured else ()


def _time(measured: Measured | None) -> str:
    if measured is None:
        return ""
    several = f", {measured.samples} samples" if measured.samples > 1 else ""
    return f"   {measured.time_ms:.1f} ms{several}"


def _seen_lines(measured: Measured, lanes: _Lanes) -> Iterator[str]:
    for key, seen in measured.images.items():
        yield f"      {lanes.row()}    {key}: {_told(seen)}"


def _told(seen: Seen) -> str:
    size = " x ".join(map(str, seen.shape))
    spacing = " x ".join(f"{one:.3g}" for one in seen.spacing)
    channels = f"{seen.channels} channels of " if seen.channels > 1 else ""
    words = f"{channels}{size}, {spacing} mm, {seen.axcodes}, {seen.dtype}, {human_size(seen.size_bytes)}"
    return words + (", resampled" if seen.resampled else "") + (", waits" if seen.pending else "")


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
