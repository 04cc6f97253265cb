"""Rotate, RandRotate: by any angle about the centre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys, Params
from bundlert.transforms.spatial.matrices import Matrix, Range, drawn, rotation
from bundlert.transforms.spatial.moving import GridTransform, Mode, Padding, RandomGridTransform, about_centre

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


class Rotate(GridTransform):
    """Rotate about the centre.

    Args:
        keys: Images to rotate.
        angle: Radians: one in 2-D; about the first, second and third axis in 3-D.
        keep_size: Whether the shape stays; else it becomes as large as the rotated box.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.
    """

    def __init__(
        self,
        keys: Keys,
        angle: float | Sequence[float],
        *,
        keep_size: bool = True,
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        super().__init__(keys, mode, padding_mode)
        self.angles = tuple(angle) if isinstance(angle, Sequence) else (angle,)
        self.keep_size = keep_size

    def grid_of(self, grid: Grid) -> Grid:
        """The rotated grid."""
        return _rotated(grid, rotation(self.angles, len(grid.shape)), keep_size=self.keep_size)


class RandRotate(RandomGridTransform):
    """Rotate about the centre by angles of chance, all images alike.

    Args:
        keys: Images to rotate.
        range_x: Radians about the first axis (in 2-D: in the plane): `r` stands for -r..r, a pair for its range.
        range_y: About the second axis.
        range_z: About the third axis.
        prob: How likely that is.
        keep_size: Whether the shape stays; else it becomes as large as the rotated box.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.
    """

    def __init__(
        self,
        keys: Keys,
        range_x: Range = 0.0,
        range_y: Range = 0.0,
        range_z: Range = 0.0,
        *,
        prob: float = 0.1,
        keep_size: bool = True,
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        super().__init__(keys, prob, mode, padding_mode)
        self.ranges = (range_x, range_y, range_z)
        self.keep_size = keep_size

    def choose(self, order: int, rng: np.random.Generator) -> Params:
        """Give the angles."""
        count = 1 if order == 2 else 3
        return {"angles": drawn(self.ranges[:count], count, rng)}

    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """The rotated grid."""
        return _rotated(grid, rotation(params["angles"], len(grid.shape)), keep_size=self.keep_size)


def _rotated(grid: Grid, matrix: Matrix, *, keep_size: bool) -> Grid:
    if keep_size:
        return about_centre(matrix, grid)
    # the box of the rotated corners, seen from the output: the inverse of a rotation is its transpose
    sizes = np.abs(matrix.T) @ grid.shape
    return about_centre(matrix, grid, [max(1, int(size + 0.5)) for size in sizes])
