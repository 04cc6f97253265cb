"""Flip, RandFlip, RandAxisFlip: counted from the other end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params
from bundlert.transforms.spatial.moving import GridTransform, RandomGridTransform

if TYPE_CHECKING:
    import numpy as np

    from bundlert.images.grid import Grid

Axes = int | Sequence[int] | None


class Flip(GridTransform):
    """Turn images around along some axes; no voxel is interpolated.

    Args:
        keys: Images to flip.
        spatial_axis: One axis or several, from 0; all if None.
    """

    def __init__(self, keys: Keys, spatial_axis: Axes = None) -> None:
        super().__init__(keys)
        self.spatial_axis = spatial_axis

    def grid_of(self, grid: Grid) -> Grid:
        """The flipped grid."""
        return grid.flipped(axes_of(self.spatial_axis, len(grid.shape)))


class RandFlip(RandomGridTransform):
    """Flip by chance, all images alike.

    Args:
        keys: Images to flip.
        prob: How likely that is.
        spatial_axis: One axis or several, from 0; all if None.
    """

    def __init__(self, keys: Keys, prob: float = 0.1, spatial_axis: Axes = None) -> None:
        super().__init__(keys, prob)
        self.spatial_axis = spatial_axis

    def choose(self, order: int, rng: np.random.Generator) -> Params:  # noqa: ARG002 (only whether is drawn)
        """Give the axes."""
        return {"axes": axes_of(self.spatial_axis, order)}

    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """The flipped grid."""
        return grid.flipped(params["axes"])


class RandAxisFlip(RandomGridTransform):
    """Flip along one axis that chance chooses.

    Args:
        keys: Images to flip, all alike.
        prob: How likely that is.
    """

    def __init__(self, keys: Keys, prob: float = 0.1) -> None:
        super().__init__(keys, prob)

    def choose(self, order: int, rng: np.random.Generator) -> Params:
        """Give the axis."""
        return {"axes": [int(rng.integers(order))]}

    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """The flipped grid."""
        return grid.flipped(params["axes"])


def axes_of(axes: Axes, order: int) -> list[int]:
    """The axes that an argument means, counted from 0.

    Raises:
        ValueError: There is no such axis.
    """
    asked = list(range(order)) if axes is None else [axes] if isinstance(axes, int) else list(axes)
    if any(not -order <= axis < order for axis in asked):
        raise ValueError(f"axes must be >= 0 and < {order}, got {asked}")
    return [axis % order for axis in asked]
