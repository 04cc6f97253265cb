"""Orientation: axes in the order and direction that a network knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.moving import GridTransform

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


class Orientation(GridTransform):
    """Permute and flip axes; no voxel changes its value or its place in the world.

    Args:
        keys: Images to turn.
        axcodes: Where each index grows to, one of L/R, P/A and I/S for each axis.
    """

    def __init__(self, keys: Keys, axcodes: str = "RAS") -> None:
        super().__init__(keys)
        if len({"LRPAIS".find(letter) // 2 for letter in axcodes} - {-1}) != len(axcodes):
            raise ValueError(f"axcodes must have one letter of each pair L/R, P/A, I/S, got '{axcodes}'")
        self.axcodes = axcodes

    def grid_of(self, grid: Grid) -> Grid:
        """The turned grid."""
        return grid.reoriented(self.axcodes)
