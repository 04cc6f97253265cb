"""ToDevice: voxels onto a GPU, once, so that a cache behind it lives there."""

from __future__ import annotations

import torch

from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import realize


class ToDevice(Transform):
    """Move images to a device, realized first so that only what was cropped takes its memory.

    Before the first random transform of a cached dataset, it makes the cache live on the GPU: no volume is copied there
    again, and crops are cut there.

    Args:
        keys: Images to move.
        device: `cpu`, `cuda`, `cuda:1`.
    """

    def __init__(self, keys: Keys, device: str) -> None:
        super().__init__(keys)
        self.device = torch.device(device)

    def apply(self, image: Image) -> Image:
        """The image with its voxels on the device."""
        whole = realize(image)
        return whole.with_data(whole.data.to(self.device))
