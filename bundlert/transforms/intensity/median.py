"""MedianSmooth: the median of a box around each voxel, found by comparing whole images instead of sorting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import pad

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor

_AT_ONCE = 1 << 15  # voxels: so many that all images that are compared fit into the cache of a processor


class MedianSmooth(VoxelTransform):
    """Give each voxel the median of the box of 2 * radius + 1 voxels around it, as float32.

    The outermost voxels go on outside the image. A box with a NaN gives NaN.

    Args:
        keys: Images to smooth.
        radius: In voxels, one or one for each axis.

    Raises:
        ValueError: `radius` is negative.
    """

    def __init__(self, keys: Keys, radius: int | Sequence[int] = 1) -> None:
        super().__init__(keys)
        if min([radius] if isinstance(radius, int) else radius) < 0:
            raise ValueError(f"radius must be >= 0 voxels, got {radius}")
        self.radius = radius

    def changed(self, data: Tensor) -> Tensor:
        """Smooth the voxels.

        Raises:
            ValueError: There is another number of radii than of axes.
        """
        axes = data.ndim - 1
        radii = [self.radius] * axes if isinstance(self.radius, int) else list(self.radius)
        if len(radii) != axes:
            raise ValueError(f"radius must be one number or one for each of {axes} axes, got {radii}")
        padded = pad(data, [radius for radius in reversed(radii) for _ in range(2)], mode="replicate")
        new = torch.empty_like(data)
        rows = max(1, _AT_ONCE // max(1, prod(data.shape[2:])))
        for channel, first in product(range(len(data)), range(0, data.shape[1], rows)):
            part = new[channel, first : first + rows]
            around = padded[channel, first : first + len(part) + 2 * radii[0]]
            part.copy_(_median(_shifted(around, part.shape), prod(2 * radius + 1 for radius in radii)))
        return new


def _shifted(around: Tensor, shape: torch.Size) -> Iterator[Tensor]:
    """All parts of a shape that fit into another tensor, as views."""
    spare = (have - size for have, size in zip(around.shape, shape, strict=True))
    for start in product(*(range(room + 1) for room in spare)):
        yield around[tuple(slice(first, first + size) for first, size in zip(start, shape, strict=True))]


def _median(images: Iterator[Tensor], count: int) -> Tensor:
    """The median of an odd number of images, voxel by voxel.

    Of n // 2 + 2 values, neither the least nor the greatest is the median of n: both are dropped and a value not yet
    seen comes in, until one is left (Paeth, "Median finding on a 3x3 grid", Graphics Gems, 1990).
    """
    held = [next(images) for _ in range(min(count // 2 + 2, count))]
    while len(held) > 1:
        _order(held)
        held = held[1:-1]
        held.extend([new] if (new := next(images, None)) is not None else [])
    return held[0]


def _order(held: list[Tensor]) -> None:
    """Exchange values so that the first image has the least ones and the last the greatest."""
    half, last = len(held) // 2, len(held) - 1
    for index in range(half):
        _exchange(held, index, last - index)
    for index in range(1, last + 1 - half):
        _exchange(held, 0, index)
    for index in range(half, last):
        _exchange(held, index, last)


def _exchange(held: list[Tensor], low: int, high: int) -> None:
    held[low], held[high] = torch.minimum(held[low], held[high]), torch.maximum(held[low], held[high])
