"""LabelToContour: only the edge of labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import pad

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.intensity.voxels import memory_order
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image

_KERNELS = ("Laplace",)


class LabelToContour(Transform):
    """Keep labels only where one of the 3 ** axes - 1 neighbours differs; all else becomes 0. Dtypes stay.

    What lies outside the image counts as 0. For masks of zeros and ones, this is where the Laplace filter (the number
    of neighbours times the voxel, minus all neighbours) is above 0.

    Args:
        keys: Label maps, each channel for itself.
        kernel_type: Only `Laplace`.

    Raises:
        ValueError: Another kernel.
    """

    def __init__(self, keys: Keys, kernel_type: str = "Laplace") -> None:
        super().__init__(keys)
        if kernel_type not in _KERNELS:
            raise ValueError(f"kernel_type must be one of {', '.join(_KERNELS)}, got '{kernel_type}'")

    def apply(self, image: Image) -> Image:
        """Keep the contours."""
        image = realize(image)
        order = [0, *(axis for axis in memory_order(image.data) if axis != 0)]
        data = image.data.permute(order)
        inner = (_extreme(data, torch.maximum) == data) & (_extreme(data, torch.minimum) == data)
        return image.with_data(data.masked_fill(inner, 0).permute([order.index(axis) for axis in range(data.ndim)]))


def _extreme(data: Tensor, of: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The greatest or least value of each voxel's box of 3 voxels along each axis."""
    found = pad(data, [1] * (2 * (data.ndim - 1)))
    for axis in range(1, data.ndim):
        size = data.shape[axis]
        found = of(of(found.narrow(axis, 0, size), found.narrow(axis, 1, size)), found.narrow(axis, 2, size))
    return found
