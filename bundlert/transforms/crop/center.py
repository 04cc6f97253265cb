"""CenterSpatialCrop, CenterScaleCrop: the middle of an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.crop.part import start_amid
from bundlert.transforms.spatial.affine import Size, new_shape
from bundlert.transforms.spatial.moving import GridTransform, one_per_axis

if TYPE_CHECKING:
    from bundlert.images.grid import Grid

_ROUNDING = 1e-9  # 0.55 * 100 is a little more than 55


class CenterSpatialCrop(GridTransform):
    """Keep the middle: voxel `n // 2` of an axis becomes voxel `roi_size // 2`.

    Args:
        keys: Images to crop.
        roi_size: Voxels along each axis, one number or one for each; an axis stays whole where it is None, <= 0 or
            more than there are.
    """

    def __init__(self, keys: Keys, roi_size: Size) -> None:
        super().__init__(keys)
        self.roi_size = roi_size

    def grid_of(self, grid: Grid) -> Grid:
        """The middle of the grid."""
        size = at_most(new_shape(self.roi_size, grid.shape, name="roi_size"), grid.shape)
        return grid.cropped(start_amid(size, grid.shape), size)


class CenterScaleCrop(GridTransform):
    """Keep the middle, a share of each axis.

    Args:
        keys: Images to crop.
        roi_scale: The share, one or one for each axis; `ceil(share * n)` voxels are kept, all where it is more than 1.

    Raises:
        ValueError: A share <= 0.
    """

    def __init__(self, keys: Keys, roi_scale: float | Sequence[float]) -> None:
        super().__init__(keys)
        self.roi_scale = checked_scale("roi_scale", roi_scale)

    def grid_of(self, grid: Grid) -> Grid:
        """The middle of the grid."""
        size = scaled("roi_scale", self.roi_scale, grid.shape)
        return grid.cropped(start_amid(size, grid.shape), size)


def at_most(size: Sequence[int], shape: Sequence[int]) -> tuple[int, ...]:
    """A size along each axis, no more than there is."""
    return tuple(min(count, room) for count, room in zip(size, shape, strict=True))


def checked_scale(name: str, scale: float | Sequence[float]) -> float | Sequence[float]:
    """The shares as they are.

    Raises:
        ValueError: One is <= 0.
    """
    if min(scale if isinstance(scale, Sequence) else [scale], default=0) <= 0:
        raise ValueError(f"{name} must be > 0, got {scale}")
    return scale


def scaled(name: str, scale: float | Sequence[float], shape: Sequence[int]) -> tuple[int, ...]:
    """A share of each axis in voxels, rounded up, no more than there is.

    Raises:
        ValueError: Neither one share nor as many as axes.
    """
    shares = one_per_axis(name, scale, len(shape))
    return at_most([math.ceil(room * share - _ROUNDING) for room, share in zip(shape, shares, strict=True)], shape)
