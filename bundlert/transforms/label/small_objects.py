"""RemoveSmallObjects: no specks."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.label.regions import Array, box_of, checked_connectivity, clear, labels_in, with_changed_array
from bundlert.transforms.label.runs import Mask, connected_runs

if TYPE_CHECKING:
    from bundlert.images.image import Image


class RemoveSmallObjects(Transform):
    """Make connected regions of labels 0 that are smaller than `min_size`. Dtypes stay.

    Args:
        keys: Label maps [1, *S], or one-hot [K, *S].
        min_size: The size of the smallest region that stays, in voxels.
        connectivity: Neighbours differ along at most so many axes; along all if null.
        independent_channels: Whether a region is of one label in one channel, rather than of anything but 0 in any.
        by_measure: Whether `min_size` is in mm^3 (mm^2 for two axes) rather than in voxels.
        pixdim: The size of a voxel in mm, one number or one for each axis; the image's own if not given.

    Raises:
        ValueError: `min_size` is negative.
    """

    def __init__(
        self,
        keys: Keys,
        min_size: float = 64,
        connectivity: int | None = 1,
        independent_channels: bool = True,
        *,
        by_measure: bool = False,
        pixdim: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__(keys)
        if min_size < 0:
            raise ValueError(f"min_size must be >= 0, got {min_size}")
        self.min_size, self.connectivity, self.independent = min_size, connectivity, independent_channels
        self.by_measure, self.pixdim = by_measure, pixdim

    def apply(self, image: Image) -> Image:
        """Clear the small regions.

        Raises:
            ValueError: `connectivity` or `pixdim` doesn't fit the number of axes.
        """
        connectivity = checked_connectivity(self.connectivity, len(image.shape))
        least = self.min_size / self._voxel(image) if self.by_measure else self.min_size
        return with_changed_array(image, lambda array: self._change(array, connectivity, least))

    def _voxel(self, image: Image) -> float:
        """The measure of one voxel."""
        axes = len(image.shape)
        if self.pixdim is None:
            return abs(float(np.linalg.det(image.affine[:-1, :-1])))
        if isinstance(self.pixdim, (int, float)):
            return float(self.pixdim**axes)
        if len(self.pixdim) != axes:
            raise ValueError(f"pixdim must be one number or one for each of {axes} axes, got {list(self.pixdim)}")
        return prod(self.pixdim)

    def _change(self, array: Array, connectivity: int, least: float) -> None:
        if not self.independent:
            _clear_small(array, np.asarray(array.any(axis=0)), connectivity, least)
            return
        for channel in array:
            inside = channel[box_of(channel) or ()]
            for label in labels_in(inside):
                _clear_small(inside[None], inside == label, connectivity, least)


def _clear_small(array: Array, mask: Mask, connectivity: int, least: float) -> None:
    """Make regions of a mask [*S] with fewer voxels than `least` 0 in all channels of [C, *S]."""
    box = box_of(mask)
    if box is None:
        return
    runs = connected_runs(mask[box], connectivity)
    small = runs.sizes < least
    if small.any():
        for channel in array:
            clear(channel[box], runs.voxels_of(small))
