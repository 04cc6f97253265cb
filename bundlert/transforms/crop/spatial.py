"""SpatialCrop: a box by its voxels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.moving import GridTransform, one_per_axis

if TYPE_CHECKING:
    from bundlert.images.grid import Grid

Voxels = int | Sequence[int] | None


class SpatialCrop(GridTransform):
    """Keep a box, told by its centre and size or by its ends.

    A centre so near to the first voxel that the box would begin before it gives the box from there. Any other part of
    the box that lies outside the image is left out.

    Args:
        keys: Images to crop.
        roi_center: The voxel of the image that becomes voxel `roi_size // 2`.
        roi_size: Voxels along each axis.
        roi_start: The first voxel along each axis, if not by centre and size.
        roi_end: The voxel after the last.

    Raises:
        ValueError: Neither centre and size nor start and end, or both.
    """

    def __init__(
        self,
        keys: Keys,
        roi_center: Voxels = None,
        roi_size: Voxels = None,
        roi_start: Voxels = None,
        roi_end: Voxels = None,
    ) -> None:
        super().__init__(keys)
        self.middle, self.ends = (roi_center, roi_size), (roi_start, roi_end)
        given = [[value is not None for value in pair] for pair in (self.middle, self.ends)]
        if given not in ([[True, True], [False, False]], [[False, False], [True, True]]):
            raise ValueError(
                "roi_center and roi_size, or roi_start and roi_end must be given, "
                f"got {roi_center}, {roi_size}, {roi_start}, {roi_end}"
            )

    def grid_of(self, grid: Grid) -> Grid:
        """The box.

        Raises:
            ValueError: No voxel of the image lies in it.
        """
        start, stop = self._box(len(grid.shape))
        first = [max(low, 0) for low in start]
        size = [min(high, room) - low for low, high, room in zip(first, stop, grid.shape, strict=True)]
        if min(size) < 1:
            raise ValueError(f"the box from {start} to {stop} must have voxels of the image of {grid.shape}")
        return grid.cropped(first, size)

    def _box(self, order: int) -> tuple[list[int], list[int]]:
        """The first voxel and the one after the last, along each axis."""
        (center, size), (start, end) = self.middle, self.ends
        if start is not None and end is not None:
            return _integers("roi_start", start, order), _integers("roi_end", end, order)
        middles, sizes = _integers("roi_center", center or 0, order), _integers("roi_size", size or 0, order)
        first = [max(middle - count // 2, 0) for middle, count in zip(middles, sizes, strict=True)]
        return first, [low + count for low, count in zip(first, sizes, strict=True)]


def _integers(name: str, values: int | Sequence[int], order: int) -> list[int]:
    return [int(value) for value in one_per_axis(name, values, order)]
