"""Transpose: axes in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.moving import GridTransform

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


class Transpose(GridTransform):
    """Put axes in another order; no voxel changes its value or its place in the world.

    Args:
        keys: Images to turn.
        indices: Which axis comes where, the channel counted too, as `numpy.transpose` has it: [0, 3, 2, 1] turns
            [C, X, Y, Z] into [C, Z, Y, X]. The channel stays first.

    Raises:
        ValueError: The indices aren't 0, 1 ... in some order, 0 first; in a call, not as many as the image has axes.
    """

    def __init__(self, keys: Keys, indices: Sequence[int]) -> None:
        super().__init__(keys)
        self.indices = tuple(int(index) for index in indices)
        if self.indices[:1] != (0,) or sorted(self.indices) != list(range(len(self.indices))):
            raise ValueError(f"indices must be 0 and then the other axes, each once, got {list(indices)}")

    def grid_of(self, grid: Grid) -> Grid:
        """The grid with its axes in the other order."""
        order = [index - 1 for index in self.indices[1:]]
        if len(order) != len(grid.shape):
            raise ValueError(f"indices must be {len(grid.shape) + 1}, got {list(self.indices)}")
        return grid.moved([grid.shape[axis] for axis in order], np.eye(len(order) + 1)[:, [*order, -1]])
