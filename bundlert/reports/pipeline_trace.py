"""A chain on a real sample: what each step makes of each image, how long it takes, and what memory is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bundlert.images.image import Image
from bundlert.transforms.compose import as_list
from bundlert.transforms.lazy import realized

if TYPE_CHECKING:
    from bundlert.transforms.base import Sample
    from bundlert.transforms.compose import Compose


class Seen(NamedTuple):
    """An image after a step.

    Attributes:
        shape: Voxels along each axis, without channels.
        channels: How many there are.
        spacing: Voxel size in mm.
        axcodes: Where each index grows to.
        dtype: Of the voxels.
        size_bytes: Memory that its voxels hold; as long as it is pending, those from before.
        pending: Whether its voxels are still to be moved.
        resampled: Whether voxels were interpolated in this step, for what was asked of them before.
    """

    shape: tuple[int, ...]
    channels: int
    spacing: tuple[float, ...]
    axcodes: str
    dtype: str
    size_bytes: int
    pending: bool
    resampled: bool


class Measured(NamedTuple):
    """What came of one step.

    Attributes:
        time_ms: How long it took.
        samples: How many samples there are now; the first is told of.
        images: Key -> what became of the image; only those that the step gave anew.
    """

    time_ms: float
    samples: int
    images: dict[str, Seen]


class Trace(NamedTuple):
    """What came of a chain.

    Attributes:
        steps: Of each step.
        cache: Of what a cache does before it keeps the images; None without one, and where it keeps them at the end.
        end: Of the rest, for a batch.
    """

    steps: list[Measured]
    cache: Measured | None
    end: Measured

    @property
    def time_ms(self) -> float:
        """How long all of it took."""
        return sum(one.time_ms for one in (*self.steps, self.cache, self.end) if one)


def trace(chain: Compose, sample: Sample, *, seed: int = 0, cache_stops: int | None = None) -> Trace:
    """Do a chain's steps one by one and look at all images after each.

    Args:
        chain: The chain.
        sample: What it begins with.
        seed: Of the chance that it takes.
        cache_stops: The number of the step before which a cache has all done; None where there is no cache.

    Raises:
        DataError: A step finds no image, or can't do with the one it finds.
    """
    rng = np.random.default_rng(seed)
    samples, steps, cache = [sample], [], None
    for number, step in enumerate(chain.transforms, start=1):
        if number == cache_stops:
            samples, cache = _timed(samples, lambda old: [realized(old)])
        samples, measured = _timed(samples, lambda old, step=step: as_list(step(old, rng)))  # type: ignore[misc]
        steps.append(measured)
    return Trace(steps, cache, _timed(samples, lambda old: [realized(old)])[1])


def _timed(before: Sequence[Sample], step: Callable[[Sample], list[Sample]]) -> tuple[list[Sample], Measured]:
    begun = perf_counter()
    after = [new for old in before for new in step(old)]
    time_ms = (perf_counter() - begun) * 1e3
    images = {
        key: _seen(before[0].get(key), entry)
        for key, entry in after[0].items()
        if isinstance(entry, Image) and entry is not before[0].get(key)
    }
    return after, Measured(time_ms, len(after), images)


def _seen(old: object, new: Image) -> Seen:
    interpolated = isinstance(old, Image) and old.wanted is not None and old.wanted.mode is not None
    return Seen(
        new.shape,
        len(new.data),
        new.target.spacing,
        new.target.axcodes,
        str(new.data.dtype).removeprefix("torch."),
        new.data.nbytes,
        new.wanted is not None,
        interpolated and isinstance(old, Image) and new.data is not old.data,
    )
