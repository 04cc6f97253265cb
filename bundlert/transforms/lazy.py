"""Spatial steps only wish; voxels are resampled once, when somebody reads them.

All wishes speak of one world, so a chain of them is one wish: the last grid. So what a crop cut off comes back where a
later rotation turns it in, as if the crop had been the last step. Wishes that differ in how to interpolate, or in what
to put where an earlier one reached outside, can't be one: the first is fulfilled before the second is noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bundlert.images.grid import SAME_VOXELS
from bundlert.images.image import Bend, Image, Wanted
from bundlert.ops.resample import Warp, resample_affine, resample_warped
from bundlert.transforms.base import Sample, image_of

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from bundlert.images.grid import Grid


def wish(
    image: Image,
    grid: Grid,
    *,
    mode: str | None = None,
    padding: str | float | None = None,
    bend: Bend | None = None,
) -> Image:
    """The image on another grid, not yet resampled.

    Args:
        image: Any image.
        grid: A grid in the same world.
        mode: `bilinear`, `nearest`, or None where voxels only move as they are (flip, permute, crop, pad).
        padding: `border`, `reflection`, `zeros`, a value, or None where nothing of `grid` lies outside the image.
        bend: How `grid` is bent.
    """
    pending = image.wanted or Wanted(image.grid)
    if _differ(pending.mode, mode) or (bend and pending.bend) or _pads_otherwise(image, pending, padding):
        image = realize(image)
        pending = Wanted(image.grid)
    mode = pending.mode if mode is None else mode
    padding = pending.padding if padding is None else padding
    return replace(image, wanted=Wanted(grid, mode, padding, bend or pending.bend))


def realize(image: Image) -> Image:
    """The image with its voxels on the grid that was wished for; itself if there is no wish."""
    wanted = image.wanted
    return image if wanted is None else replace(image, data=_resampled(image, wanted), grid=wanted.grid, wanted=None)


def realized_alone(image: Image, dtype: torch.dtype) -> Image:
    """The image realized, its voxels in memory that no other image has: they may be changed in place."""
    made = realize(image)
    data = made.data.to(dtype)
    shared = data.untyped_storage().data_ptr() == image.data.untyped_storage().data_ptr()
    return made.with_data(data.clone() if shared else data)


def realized(sample: Sample, keys: Iterable[str] | None = None) -> Sample:
    """The sample with the images of `keys` realized; those of all keys where none are given."""
    if keys is None:
        keys = [key for key, entry in sample.items() if isinstance(entry, Image)]
    return {**sample, **{key: realize(image_of(sample, key)) for key in keys}}


def reaches_out(grid: Grid, other: Grid) -> bool:
    """Whether voxels of `other` lie beyond the outermost voxels of `grid` by more than the size of one of each."""
    low, high = _span(grid, other)
    spare = 1 + np.abs(grid.matrix_to(other)[:-1, :-1]).sum(axis=1)
    return bool((low < -spare).any() or (high > np.array(grid.shape) - 1 + spare).any())


def leaves_out(grid: Grid, other: Grid) -> bool:
    """Whether the centre of any voxel of `other` lies in no cell of `grid`, by more than a thousandth of a voxel."""
    low, high = _span(grid, other)
    return bool((low < -0.5 - SAME_VOXELS).any() or (high > np.array(grid.shape) - 0.5 + SAME_VOXELS).any())


def _span(grid: Grid, other: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the largest index of `grid` along each axis at which voxel centres of `other` lie."""
    matrix = grid.matrix_to(other)
    ways = matrix[:-1, :-1] * (np.array(other.shape) - 1)
    return (
        matrix[:-1, -1] + np.minimum(ways, 0).sum(axis=1),
        matrix[:-1, -1] + np.maximum(ways, 0).sum(axis=1),
    )


def _resampled(image: Image, wanted: Wanted) -> Tensor:
    mode = wanted.mode or "nearest"
    padding = "zeros" if wanted.padding is None else wanted.padding
    if wanted.bend is None:
        return resample_affine(image.data, image.grid.matrix_to(wanted.grid), wanted.grid.shape, mode, padding)
    bent = wanted.bend.grid
    return resample_warped(
        image.data,
        image.grid.matrix_to(bent),
        wanted.grid.shape,
        warp=Warp(bent.shape, wanted.bend.offsets),
        into=bent.matrix_to(wanted.grid),
        mode=mode,
        padding=padding,
    )


def _pads_otherwise(image: Image, pending: Wanted, padding: str | float | None) -> bool:
    """Whether another padding is asked for than what lies outside already has."""
    if not _differ(pending.padding, padding):
        return False
    return pending.bend is not None or reaches_out(image.grid, pending.grid)


def _differ(one: str | float | None, other: str | float | None) -> bool:
    return one is not None and other is not None and one != other
