"""The peaks of a map: the highest value, then the highest outside of its box, and so on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 4096


def peaks(chances: NDArray[Any], threshold: float, box: Sequence[int]) -> Iterator[tuple[np.intp, ...]]:
    """The places of peaks, highest first; of equal values the first in scan order. NaN is no peak.

    Args:
        chances: A map [*S].
        threshold: Peaks are above it.
        box: Voxels along each axis in which there is no other peak, from `c - box // 2` on.
    """
    flat = chances.ravel()
    candidates = np.flatnonzero(flat > threshold)
    candidates = candidates[np.argsort(-flat[candidates].astype(np.float64), kind="stable")]
    alive = np.ones(chances.shape, dtype=np.bool_)
    for first in range(0, len(candidates), _AT_ONCE):
        part = candidates[first : first + _AT_ONCE]
        while len(part := part[alive.ravel()[part]]):
            place = np.unravel_index(part[0], chances.shape)
            yield place
            starts = [int(index) - size // 2 for index, size in zip(place, box, strict=True)]
            alive[tuple(slice(max(at, 0), at + size) for at, size in zip(starts, box, strict=True))] = False
