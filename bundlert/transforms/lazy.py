"""Spatial steps only wish; voxels are resampled once, when somebody reads them.

All wishes speak of one world, so a chain of them is one wish: the last grid. Two wishes that differ in how to
interpolate or what to put outside can't be one, and the first is fulfilled before the second is noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bundlert.images.image import Image, Wanted
from bundlert.ops.resample import resample_affine
from bundlert.transforms.base import Sample, image_of

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


def wish(image: Image, grid: Grid, *, mode: str | None = None, padding: str | float | None = None) -> Image:
    """The image on another grid, not yet resampled.

    Args:
        image: Any image.
        grid: A grid in the same world.
        mode: `bilinear`, `nearest`, or None where voxels only move as they are (flip, permute, crop, pad).
        padding: `border`, `zeros`, a value, or None where nothing of `grid` lies outside the image.
    """
    pending = image.wanted or Wanted(image.grid)
    if _differ(pending.mode, mode) or _differ(pending.padding, padding):
        image = realize(image)
        pending = Wanted(image.grid)
    mode = pending.mode if mode is None else mode
    padding = pending.padding if padding is None else padding
    return replace(image, wanted=Wanted(grid, mode, padding))


def realize(image: Image) -> Image:
    """The image with its voxels on the grid that was wished for; itself if there is no wish."""
    wanted = image.wanted
    if wanted is None:
        return image
    data = resample_affine(
        image.data,
        image.grid.matrix_to(wanted.grid),
        wanted.grid.shape,
        mode=wanted.mode or "nearest",
        padding="zeros" if wanted.padding is None else wanted.padding,
    )
    return replace(image, data=data, grid=wanted.grid, wanted=None)


def realized(sample: Sample, keys: Iterable[str] | None = None) -> Sample:
    """The sample with the images of `keys` realized; those of all keys where none are given."""
    if keys is None:
        keys = [key for key, entry in sample.items() if isinstance(entry, Image)]
    return {**sample, **{key: realize(image_of(sample, key)) for key in keys}}


def _differ(one: str | float | None, other: str | float | None) -> bool:
    return one is not None and other is not None and one != other
