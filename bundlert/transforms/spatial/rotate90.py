"""Rotate90, RandRotate90: by right angles, without interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys, Params
from bundlert.transforms.spatial.flip import axes_of
from bundlert.transforms.spatial.moving import GridTransform, RandomGridTransform

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


class Rotate90(GridTransform):
    """Rotate by `k` right angles in the plane of two axes, from the first to the second, as `numpy.rot90` does.

    Args:
        keys: Images to rotate.
        k: How often; negative the other way.
        spatial_axes: The plane.
    """

    def __init__(self, keys: Keys, k: int = 1, spatial_axes: Sequence[int] = (0, 1)) -> None:
        super().__init__(keys)
        self.k, self.spatial_axes = k, _plane(spatial_axes)

    def grid_of(self, grid: Grid) -> Grid:
        """The rotated grid."""
        return turned(grid, self.k, self.spatial_axes)


class RandRotate90(RandomGridTransform):
    """Rotate by 1 to `max_k` right angles, all images alike.

    Args:
        keys: Images to rotate.
        prob: How likely that is.
        max_k: The most right angles.
        spatial_axes: The plane.

    Raises:
        ValueError: max_k < 1.
    """

    def __init__(self, keys: Keys, prob: float = 0.1, max_k: int = 3, spatial_axes: Sequence[int] = (0, 1)) -> None:
        super().__init__(keys, prob)
        if max_k < 1:
            raise ValueError(f"max_k must be >= 1, got {max_k}")
        self.max_k, self.spatial_axes = max_k, _plane(spatial_axes)

    def choose(self, order: int, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the plane is given)
        """Give how often."""
        return {"k": int(rng.integers(1, self.max_k + 1))}

    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """The rotated grid."""
        return turned(grid, params["k"], self.spatial_axes)


def turned(grid: Grid, k: int, plane: Sequence[int]) -> Grid:
    """A grid rotated by `k` right angles in a plane."""
    first, second = axes_of(plane, len(grid.shape))
    for _ in range(k % 4):
        matrix = np.eye(len(grid.shape) + 1)
        matrix[[first, second]] = matrix[[second, first]]
        matrix[second] *= -1
        matrix[second, -1] = grid.shape[second] - 1
        shape = list(grid.shape)
        shape[first], shape[second] = shape[second], shape[first]
        grid = grid.moved(shape, matrix)
    return grid


def _plane(axes: Sequence[int]) -> tuple[int, ...]:
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ValueError(f"spatial_axes must be two different axes, got {tuple(axes)}")
    return tuple(axes)
