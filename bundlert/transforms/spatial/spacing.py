"""Spacing: voxels of one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.moving import GridTransform, Mode, Padding

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


class Spacing(GridTransform):
    """Resample to voxels of `pixdim` mm; the first voxel centre stays where it is.

    The new size along an axis is `round((n - 1) * spacing / pixdim + 1)`.

    Args:
        keys: Images to resample.
        pixdim: Voxel size in mm along each axis, or one for all.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value, for the part of the last voxel that may stick out;
            one, or one per key.

    Raises:
        ValueError: A pixdim <= 0, an unknown mode, or not as many modes as keys.
    """

    def __init__(
        self,
        keys: Keys,
        pixdim: float | Sequence[float],
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        super().__init__(keys, mode, padding_mode)
        sizes = [pixdim] if isinstance(pixdim, (int, float)) else list(pixdim)
        if not sizes or min(sizes) <= 0:
            raise ValueError(f"pixdim must be > 0 along each axis, in mm, got {pixdim}")
        self.pixdim = pixdim

    def grid_of(self, grid: Grid) -> Grid:
        """The grid with other voxels."""
        return grid.spaced(self.pixdim)
