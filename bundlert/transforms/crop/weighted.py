"""RandWeightedCrop: random parts of an image, where a map of weights says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from bundlert.errors import DataError
from bundlert.transforms.base import Keys
from bundlert.transforms.crop.about_voxels import CropsAboutVoxels
from bundlert.transforms.spatial.affine import Size

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image

Sums = np.ndarray[Any, np.dtype[np.float64]]
Region = tuple[tuple[int, int], ...]


class RandWeightedCrop(CropsAboutVoxels):
    """Give `num_samples` crops, whose centres are drawn with a chance in proportion to their weights.

    Only centres whose crop lies inside the image are drawn; where all their weights are 0, each is as likely. An image
    smaller than the crop is padded with zeros, an odd voxel behind. Only the weights are resampled whole if they are
    pending.

    Args:
        keys: Images to crop.
        w_key: The map of weights, all >= 0; of several channels the first.
        spatial_size: Voxels of a crop along each axis; all where it is None or <= 0.
        num_samples: Crops per sample.
    """

    def __init__(self, keys: Keys, w_key: str, spatial_size: Size, num_samples: int = 1) -> None:
        super().__init__(keys, (w_key,), spatial_size, num_samples)

    def centre(self, images: Sequence[Image], rng: np.random.Generator) -> tuple[int, ...]:
        """Draw a voxel by its weight.

        Raises:
            DataError: A weight below 0 or not finite.
        """
        (weights,) = images
        region = _region(self.size_in(weights), weights.shape)
        sums = _row_sums(weights, region)
        within = [stop - first for first, stop in region]
        if sums[-1] == 0:
            return tuple(first + int(rng.integers(room)) for (first, _), room in zip(region, within, strict=True))
        row = np.unravel_index(_drawn(sums, rng), (*within[:-1], 1))[:-1]
        at = [first + int(index) for (first, _), index in zip(region, row, strict=False)]
        along = weights.data[0][tuple(at)][slice(*region[-1])]
        return (*at, region[-1][0] + _drawn(_summed(along), rng))


# Image -> for each region, the running sum of the weights of its rows along the last axis: small, unlike all of them.
_rows: WeakKeyDictionary[Image, dict[Region, Sums]] = WeakKeyDictionary()


def _row_sums(weights: Image, region: Region) -> Sums:
    known = _rows.setdefault(weights, {})
    if region not in known:
        inside = weights.data[0][tuple(slice(*side) for side in region)].double()
        if not bool((inside >= 0).all()) or not bool(inside.isfinite().all()):
            raise DataError(
                f"weights {weights.name} can't be chances",
                got=f"values from {inside.min().item():g} to {inside.max().item():g}",
                expected="numbers >= 0",
            )
        known[region] = _summed(inside.sum(dim=-1).flatten())
    return known[region]


def _summed(values: Tensor) -> Sums:
    return np.asarray(values.double().cumsum(0).cpu().numpy())


def _drawn(sums: Sums, rng: np.random.Generator) -> int:
    """An index by its weight, where running sums of the weights are given."""
    last = np.searchsorted(sums, sums[-1], side="left")  # the last one with a weight, should rounding lead behind it
    return int(min(np.searchsorted(sums, rng.random() * sums[-1], side="right"), last))


def _region(size: Sequence[int], shape: Sequence[int]) -> Region:
    """The first voxel and the one after the last whose crop lies inside; all along an axis smaller than the crop."""
    return tuple(
        (count // 2, room - count + count // 2 + 1) if count <= room else (0, room)
        for count, room in zip(size, shape, strict=True)
    )
