"""Connected regions of a mask, found by its runs along the last axis: organs have far fewer runs than voxels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Mask = NDArray[np.bool_]
Indices = NDArray[np.integer[Any]]

_SHORTEST = (
    32  # voxels of the mask's box to a run: where there are fewer, numbering voxels one by one is faster (measured)
)


class Runs(NamedTuple):
    """Runs of true voxels, and which region each belongs to.

    Attributes:
        starts: [n] the flat index of the first voxel of each, in scan order.
        lengths: [n] voxels of each.
        regions: [n] the number of its region, from 0 on in scan order.
        sizes: Voxels of each region.
    """

    starts: Indices
    lengths: Indices
    regions: Indices
    sizes: Indices

    def voxels_of(self, chosen: Mask) -> Indices:
        """The flat indices of all voxels of some regions.

        Args:
            chosen: For each region, whether it is one of them.
        """
        runs = chosen[self.regions]
        return spread(self.starts[runs], self.lengths[runs])


def connected_runs(mask: Mask, connectivity: int) -> Runs:
    """The runs of a mask [*S], and its connected regions.

    Args:
        mask: At least one axis.
        connectivity: Neighbours differ along at most so many axes, and by one voxel along each.
    """
    width = mask.shape[-1] + 1  # one false voxel before each row, so that no run leaves its row
    rows = np.zeros((mask.size // mask.shape[-1], width), dtype=np.bool_)
    rows[:, 1:] = mask.reshape(-1, mask.shape[-1])
    flat = rows.ravel()
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts, ends = ends[::2], np.append(ends, flat.size)[1::2][: len(ends[::2])]
    row = starts // width
    if len(starts) * _SHORTEST > mask.size:
        numbered, _ = ndimage.label(mask, ndimage.generate_binary_structure(mask.ndim, connectivity))
        regions = numbered.ravel()[starts - row - 1] - 1
    else:
        regions = _joined(starts, ends, row, (*mask.shape[:-1], width), connectivity)
    lengths = ends - starts
    sizes = np.bincount(regions, weights=lengths).astype(np.int64)
    return Runs(starts - row - 1, lengths, regions, sizes)


def spread(starts: Indices, lengths: Indices) -> Indices:
    """All numbers of several ranges, one range behind the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def _joined(starts: Indices, ends: Indices, row: Indices, shape: tuple[int, ...], connectivity: int) -> Indices:
    """The region of each run: runs are nodes of a graph, and joined where they touch."""
    pairs = [np.zeros((2, 0), dtype=np.int64)]
    places = np.unravel_index(row, shape[:-1]) if len(shape) > 1 else ()
    for steps in _later_rows(len(shape) - 1, connectivity):
        inside = np.ones(len(starts), dtype=np.bool_)
        for place, step, size in zip(places, steps, shape, strict=False):
            inside &= (place + step >= 0) & (place + step < size)
        runs = np.flatnonzero(inside)
        offset = sum(step * int(np.prod(shape[axis + 1 :])) for axis, step in enumerate(steps))
        reach = 1 if sum(map(abs, steps)) < connectivity else 0  # a voxel further along the row
        first = np.searchsorted(ends, starts[runs] + (offset - reach), side="right")
        counts = np.searchsorted(starts, ends[runs] + (offset + reach), side="left") - first
        pairs.append(np.stack([np.repeat(runs, counts), spread(first, counts)]))
    one, other = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(starts), len(starts)))
    found: Indices = connected_components(graph.tocsr(), directed=False)[1]
    return found


def _later_rows(axes: int, connectivity: int) -> Iterator[tuple[int, ...]]:
    """Steps from a row to those of its neighbours that come later in scan order."""
    for steps in product((-1, 0, 1), repeat=axes):
        if steps > (0,) * axes and sum(map(abs, steps)) <= connectivity:
            yield steps
