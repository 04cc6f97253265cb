"""FillHoles: no hollow organs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.label.regions import Array, box_of, checked_connectivity, with_changed_array
from bundlert.transforms.label.runs import Mask, Runs, connected_runs, spread

if TYPE_CHECKING:
    from bundlert.images.image import Image


class FillHoles(Transform):
    """Fill holes: regions of background that don't reach the border of the image and have one label all around them.

    Dtypes stay. One-hot channels must not overlap; in a hole, channel 0 becomes 0 and the label's channel 1.

    Args:
        keys: Label maps [1, *S], or one-hot [K, *S] with the background as channel 0.
        applied_labels: Labels whose holes are filled; all if not given.
        connectivity: Voxels of the background, and a hole and what is around it, are neighbours if they differ along at
            most so many axes; along all if not given.
    """

    def __init__(
        self, keys: Keys, applied_labels: int | Sequence[int] | None = None, connectivity: int | None = None
    ) -> None:
        super().__init__(keys)
        self.labels = [applied_labels] if isinstance(applied_labels, int) else applied_labels
        self.connectivity = connectivity

    def apply(self, image: Image) -> Image:
        """Fill the holes.

        Raises:
            ValueError: `connectivity` is above the number of axes.
        """
        return with_changed_array(image, self._change)

    def _change(self, array: Array) -> None:
        connectivity = checked_connectivity(self.connectivity, array.ndim - 1)
        labels = array[0] if len(array) == 1 else np.where(array[1:].any(axis=0), array[1:].argmax(axis=0) + 1, 0)
        box = box_of(labels)
        if box is None:
            return
        places, values = holes(labels[box], connectivity)
        wanted = np.isin(values, list(self.labels)) if self.labels is not None else np.ones(len(values), dtype=np.bool_)
        where = tuple(places[:, wanted])
        part = array[(slice(None), *box)]
        if len(array) == 1:
            part[(0, *where)] = values[wanted]
        else:
            part[(0, *where)] = 0
            part[(values[wanted], *where)] = 1


def holes(labels: Array, connectivity: int) -> tuple[Array, Array]:
    """The voxels [axes, n] of the holes in a label map [*S], and what to fill them with [n].

    Labels touch all faces of the map, or else the image goes on behind a face as background: nothing else does.
    """
    runs = connected_runs(labels == 0, connectivity)
    inside = np.ones(len(runs.sizes), dtype=np.bool_)
    inside[runs.regions[_at_a_face(runs, labels.shape)]] = False
    kept = inside[runs.regions]
    voxels, region = spread(runs.starts[kept], runs.lengths[kept]), np.repeat(runs.regions[kept], runs.lengths[kept])
    flat = labels.ravel()
    strides = np.cumprod([1, *labels.shape[:0:-1]])[::-1]
    least, most = np.full(len(inside), np.inf), np.zeros(len(inside))
    neighbours = ndimage.generate_binary_structure(labels.ndim, connectivity)
    for step in (np.argwhere(neighbours) - 1) @ strides:  # no hole reaches a face, so all neighbours are there
        around = flat[voxels + step]
        found = around != 0
        np.minimum.at(least, region[found], around[found])
        np.maximum.at(most, region[found], around[found])
    chosen = (least == most)[region]
    values: Array = most[region[chosen]].astype(labels.dtype)
    return np.stack(np.unravel_index(voxels[chosen], labels.shape)), values


def _at_a_face(runs: Runs, shape: tuple[int, ...]) -> Mask:
    """Which runs have a voxel at a face of the box that they lie in."""
    first = np.unravel_index(runs.starts, shape)
    last = (*first[:-1], first[-1] + runs.lengths - 1)
    faces = [(low == 0) | (high == size - 1) for low, high, size in zip(first, last, shape, strict=True)]
    found: Mask = np.logical_or.reduce(faces)
    return found
