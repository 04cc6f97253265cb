"""SqueezeDim: an axis of one voxel goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.images.grid import WORLD_AXES, Grid
from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor


class SqueezeDim:
    """Leave out an axis of length 1: a slice [C, X, Y, 1] becomes an image of two axes, [C, X, Y].

    The axis of the world that is nearest to it goes too; so a slice can't be inverted to the file it came from.

    Args:
        keys: Images, tensors or arrays.
        dim: The axis, the channels of an image being 0; negative ones count from the end.
    """

    def __init__(self, keys: Keys, dim: int = 0) -> None:
        self.keys, self.dim = as_keys(keys), dim

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with entries of one axis less.

        Raises:
            DataError: The axis isn't there, is longer than 1, or is an image's channels or only axis.
        """
        return {**sample, **{key: self._squeezed(key, entry_of(sample, key)) for key in self.keys}}

    def _squeezed(self, key: str, entry: Any) -> Any:
        image = realize(entry) if isinstance(entry, Image) else None
        data: Tensor | np.ndarray = entry if image is None else image.data
        if not isinstance(data, (torch.Tensor, np.ndarray)):
            raise DataError(f"'{key}' has no axes", got=type(entry).__name__, expected="an image, a tensor or an array")
        axis = self.dim + data.ndim if self.dim < 0 else self.dim
        if not 0 <= axis < data.ndim or data.shape[axis] != 1:
            raise DataError(f"'{key}' has no axis {self.dim} of length 1", got=f"shape {tuple(data.shape)}")
        if image is None:
            return data.squeeze(axis)
        if axis == 0 or data.ndim == 2:
            raise DataError(
                f"'{key}' is an image and keeps its channels and one axis", got=f"shape {tuple(data.shape)}"
            )
        return Image(image.data.squeeze(axis), _without(image.grid, axis - 1), image.file)


def _without(grid: Grid, axis: int) -> Grid:
    """A grid without one axis, and without the axis of the world that it follows."""
    letter = grid.axcodes[axis]
    world = next(index for index, pair in enumerate(WORLD_AXES) if letter in pair)
    affine = np.delete(np.delete(grid.affine, world, axis=0), axis, axis=1)
    return Grid(grid.shape[:axis] + grid.shape[axis + 1 :], affine)
