"""Resize: to so many voxels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.affine import new_shape
from bundlert.transforms.spatial.moving import GridTransform, Mode, about_centre

if TYPE_CHECKING:
    from bundlert.images.grid import Grid

_SIZE_MODES = ("all", "longest")


class Resize(GridTransform):
    """Stretch images to a shape; the outer faces of the outermost voxels stay where they are.

    Args:
        keys: Images to resize.
        spatial_size: The new shape; an axis stays as it is where it is <= 0. With `size_mode="longest"` one number.
        size_mode: `all`, or `longest`: the longest axis gets so many voxels and the others keep their proportion.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.

    Raises:
        ValueError: An unknown size_mode, or sizes that don't fit it.
    """

    def __init__(
        self, keys: Keys, spatial_size: int | Sequence[int], size_mode: str = "all", mode: Mode = "bilinear"
    ) -> None:
        super().__init__(keys, mode, "border")
        if size_mode not in _SIZE_MODES:
            raise ValueError(f"size_mode must be one of {', '.join(_SIZE_MODES)}, got '{size_mode}'")
        if size_mode == "longest" and (not isinstance(spatial_size, int) or spatial_size < 1):
            raise ValueError(f"spatial_size must be one number >= 1 for size_mode 'longest', got {spatial_size}")
        self.spatial_size, self.size_mode = spatial_size, size_mode

    def grid_of(self, grid: Grid) -> Grid:
        """The stretched grid."""
        if self.size_mode == "longest" and isinstance(self.spatial_size, int):
            factor = self.spatial_size / max(grid.shape)
            shape = tuple(max(1, round(size * factor)) for size in grid.shape)
        else:
            shape = new_shape(self.spatial_size, grid.shape)
        return about_centre(np.diag([old / new for old, new in zip(grid.shape, shape, strict=True)]), grid, shape)
