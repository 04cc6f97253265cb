"""SpatialPad: at least so large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import realize, wish

if TYPE_CHECKING:
    from bundlert.images.image import Image


class SpatialPad(Transform):
    """Pad with zeros on both sides where an image is smaller than `spatial_size`.

    Args:
        keys: Images to pad.
        spatial_size: The least number of voxels along each axis; an odd voxel goes behind.
    """

    def __init__(self, keys: Keys, spatial_size: Sequence[int]) -> None:
        super().__init__(keys)
        self.spatial_size = tuple(spatial_size)

    def apply(self, image: Image) -> Image:
        """Wish for the larger grid.

        Raises:
            ValueError: `spatial_size` has another number of axes than the image.
        """
        if len(self.spatial_size) != len(image.shape):
            raise ValueError(f"spatial_size must have one value an axis of {image.name}, got {self.spatial_size}")
        sizes = [max(wanted, own) for wanted, own in zip(self.spatial_size, image.shape, strict=True)]
        if sizes == list(image.shape):
            return image
        start = [-((size - own) // 2) for size, own in zip(sizes, image.shape, strict=True)]
        # a pending crop is done first: what it cut off must not come back as padding
        return wish(realize(image), image.target.cropped(start, sizes), padding="zeros")
