"""What the steps without chance share: voxels are realized, seen as float32, and only changed where they are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Transform
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image


class VoxelTransform(Transform):
    """Give an image other voxels on the same grid, as float32 whatever they were.

    Args:
        keys: Images to change.
    """

    def apply(self, image: Image) -> Image:
        """Realize the image and change its voxels."""
        image = realize(image)
        return image.with_data(self.changed(image.data.to(torch.float32)))

    @abstractmethod
    def changed(self, data: Tensor) -> Tensor:
        """Give new voxels [C, *S] in float32; `data` [C, *S], float32 too, stays as it is."""


def in_parts(data: Tensor, channel_wise: bool, change: Callable[[Tensor], Tensor]) -> Tensor:
    """What `change` makes of [C, *S] as a whole, or of each channel by itself."""
    if not channel_wise or len(data) == 1:
        return change(data)
    return torch.cat([change(data[index : index + 1]) for index in range(len(data))])


def in_memory_order(data: Tensor) -> Tensor:
    """Voxels with their axes in the order of memory: images from files have their first axis last."""
    return data.permute(memory_order(data))


def memory_order(data: Tensor) -> list[int]:
    """The axes of voxels, the one with the furthest steps in memory first."""
    return sorted(range(data.ndim), key=lambda axis: -data.stride()[axis])
