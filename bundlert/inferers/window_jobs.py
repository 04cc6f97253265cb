"""Which windows a network has to look at, and where the result of each goes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from bundlert.inferers.windows import Layout, Sizes

_FIRST_LOOK = 16

Place: TypeAlias = tuple[int, Sizes]


class Job(NamedTuple):
    """One window for the network.

    Attributes:
        source: Item and first voxel of the window; None for one that is filled with `cval`.
        places: Where the result goes; several if windows are alike.
    """

    source: Place | None
    places: list[Place]


def window_jobs(images: Tensor, layout: Layout, *, mask: Tensor | None, skip_constant: bool) -> list[Job]:
    """The windows of all images that differ, in order.

    Args:
        images: [B, C, *padded].
        layout: Their windows.
        mask: [B, *padded]: windows without a true voxel are all answered as one filled with `cval` would be.
        skip_constant: Whether windows in which each channel has but one value are answered once for each value.
    """
    jobs: list[Job] = []
    alike: dict[tuple[float, ...] | None, Job] = {}
    for item in range(images.shape[0]):
        for corner in product(*layout.starts):
            window = tuple(slice(start, start + width) for start, width in zip(corner, layout.roi, strict=True))
            place = (item, corner)
            values: tuple[float, ...] | None = None
            empty = mask is not None and not mask[item][window].any()
            if not empty and skip_constant:
                values = _constant(images[item][(slice(None), *window)])
            job = alike.get(values) if empty or values is not None else None
            if job is not None:
                job.places.append(place)
                continue
            jobs.append(Job(None if empty else place, [place]))
            if empty or values is not None:
                alike[values] = jobs[-1]
    return jobs


def groups_of(jobs: Sequence[Job], most: int) -> list[Sequence[Job]]:
    """Jobs in as few groups as can be, of sizes as like as can be: a last group of one would be slow on a CPU."""
    count = max(-(-len(jobs) // most), 1)
    size, larger = divmod(len(jobs), count)
    ends = [number * size + min(number, larger) for number in range(count + 1)]
    return [jobs[first:last] for first, last in pairwise(ends)]


def gathered(images: Tensor, layout: Layout, group: Sequence[Job], into: Tensor, cval: float) -> Tensor:
    """The windows of some jobs, copied into the first places of `into`."""
    for number, job in enumerate(group):
        if job.source is None:
            into[number].fill_(cval)
            continue
        item, corner = job.source
        window = tuple(slice(start, start + width) for start, width in zip(corner, layout.roi, strict=True))
        into[number].copy_(images[item][(slice(None), *window)])
    return into[: len(group)]


def checked_mask(mask: Tensor, images: Tensor) -> Tensor:
    """A mask [B or 1, 1, *S] of images [B, C, *S], as [B, *S].

    Raises:
        ValueError: Another shape.
    """
    items, size = images.shape[0], images.shape[2:]
    if mask.ndim != images.ndim or mask.shape[0] not in (1, items) or mask.shape[1] != 1 or mask.shape[2:] != size:
        raise ValueError(f"roi_mask must be [{items} or 1, 1, {str(list(size))[1:-1]}], got {tuple(mask.shape)}")
    return (mask[:, 0] != 0).to(images.device).expand(items, *size)


def _constant(window: Tensor) -> tuple[float, ...] | None:
    """The value of each channel [C, *S], if it has but one."""
    thinned = window[(slice(None), *(slice(None, None, _FIRST_LOOK),) * (window.ndim - 1))]
    for look in (thinned, window):
        least, most = torch.aminmax(look.flatten(1), dim=1)
        if not torch.equal(least, most):
            return None
    return tuple(least.tolist())
