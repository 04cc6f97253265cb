"""What becomes of a chain's steps: which are one resampling, which only move voxels, who needs voxels and when.

Told from the steps themselves; nothing is run. `pipeline_trace` measures the same on an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from bundlert.reports.pipeline_steps import Move, keys_of, left_by, moves_of, reads_of
from bundlert.transforms.copy_items import CopyItems

if TYPE_CHECKING:
    from bundlert.transforms.base import SampleTransform
    from bundlert.transforms.compose import Compose


class Step(NamedTuple):
    """One step of a chain.

    Attributes:
        number: Its place, from 1.
        name: Its class.
        keys: The entries that it changes.
        arguments: What else it was given, where that is known.
        random: Whether it has to do with chance.
        moves: Key -> how it moves that image.
        reads: The keys whose voxels it needs.
    """

    number: int
    name: str
    keys: tuple[str, ...]
    arguments: Mapping[str, Any]
    random: bool
    moves: Mapping[str, Move]
    reads: tuple[str, ...]


class Fusion(NamedTuple):
    """Moves of an image that are done at once.

    Attributes:
        key: The image.
        steps: The numbers of the steps.
        mode: How voxels are interpolated, once; None where none is.
        before: The number of the step before which that happens; one more than there are: at the end.
        why: Who needs the voxels, or what can't be one with the next.
        unless_inside: Steps whose padding is another than that of steps before them: where those had reached outside
            the image by then, they are done before.
    """

    key: str
    steps: tuple[int, ...]
    mode: str | None
    before: int
    why: str
    unless_inside: tuple[int, ...]


class Plan(NamedTuple):
    """What becomes of a chain.

    Attributes:
        steps: All steps.
        fusions: What is done at once, in the order in which it is done.
        cache_stops: The number of the first random step, before which a cache stops; None where there is none.
    """

    steps: list[Step]
    fusions: list[Fusion]
    cache_stops: int | None

    @property
    def keys(self) -> list[str]:
        """All keys, in the order in which steps name them."""
        return list(dict.fromkeys(key for step in self.steps for key in (*step.keys, *step.moves, *step.reads)))


@dataclass
class _Pending:
    """Moves of an image that nobody has done yet."""

    steps: list[int] = field(default_factory=list)
    mode: str | None = None
    padding: str | float | None = None
    bends: bool = False
    unless_inside: list[int] = field(default_factory=list)

    def add(self, number: int, move: Move) -> None:
        if _differ(self.padding, move.padding):
            self.unless_inside.append(number)
        self.steps.append(number)
        self.mode = self.mode or move.mode
        self.padding = move.padding if self.padding is None else self.padding
        self.bends |= move.bends


def plan_of(chain: Compose, *, cached: bool = False, arguments: Mapping[int, Mapping[str, Any]] | None = None) -> Plan:
    """Tell what becomes of a chain.

    Args:
        chain: The chain.
        cached: Whether a cache keeps what is there before the first random step.
        arguments: What steps were given, by their `id`.
    """
    given = arguments or {}
    steps = [_step(number, one, given.get(id(one), {})) for number, one in enumerate(chain.transforms, start=1)]
    stop = next((step.number for step in steps if step.random), None)
    pending: dict[str, _Pending] = {}
    fusions: list[Fusion] = []
    for step, transform in zip(steps, chain.transforms, strict=True):
        if cached and step.number == stop:
            fusions += _done(pending, list(pending), step.number, "the cache keeps it")
        left = {key: pending[key] for key in left_by(transform) if key in pending}
        fusions += _done(pending, step.reads, step.number, f"{step.name} reads its voxels")
        pending.update(left)
        for key, move in step.moves.items():
            before = pending.get(key, _Pending())
            if (move.bends and before.bends) or _differ(before.mode, move.mode):
                why = f"{step.name} " + ("bends again" if move.bends and before.bends else f"wants {move.mode}")
                fusions += _done(pending, [key], step.number, why)
            pending.setdefault(key, _Pending()).add(step.number, move)
        if isinstance(transform, CopyItems):
            _copy(pending, transform)
    why = "the cache keeps it" if cached and stop is None else "the batch needs it"
    fusions += _done(pending, list(pending), len(steps) + 1, why)
    return Plan(steps, fusions, stop)


def _step(number: int, transform: SampleTransform, arguments: Mapping[str, Any]) -> Step:
    return Step(
        number,
        getattr(transform, "__name__", type(transform).__name__),
        keys_of(transform),
        {name: value for name, value in arguments.items() if name != "keys"},
        bool(getattr(transform, "random", False)),
        moves_of(transform),
        reads_of(transform),
    )


def _done(pending: dict[str, _Pending], keys: Iterable[str], before: int, why: str) -> list[Fusion]:
    """What is done at once for some keys; nothing is pending for them then."""
    found = [(key, pending.pop(key)) for key in dict.fromkeys(keys) if key in pending]
    return [Fusion(key, tuple(one.steps), one.mode, before, why, tuple(one.unless_inside)) for key, one in found]


def _copy(pending: dict[str, _Pending], transform: CopyItems) -> None:
    for index, name in enumerate(transform.names):
        origin = pending.get(transform.keys[index % len(transform.keys)])
        if origin is not None:
            pending[name] = replace(origin, steps=[*origin.steps], unless_inside=[*origin.unless_inside])


def _differ(one: str | float | None, other: str | float | None) -> bool:
    return one is not None and other is not None and one != other
