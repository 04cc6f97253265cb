"""CropForeground: the part of an image where there is something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Sample, as_keys, image_of, same_shape
from bundlert.transforms.lazy import realize, wish

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class CropForeground:
    """Crop images to the box around all voxels of one of them that are above a threshold.

    Only the source is realized; the others are cropped as grids, so what is cut off is never resampled.

    Args:
        keys: Images to crop.
        source_key: The image that decides.
        threshold: Foreground is above it, in any channel.
        margin: So many voxels more on each side, where the image has them.
        allow_empty: Whether images without foreground stay whole rather than being an error.
    """

    def __init__(
        self, keys: Keys, source_key: str, threshold: float = 0.0, margin: int = 0, *, allow_empty: bool = False
    ) -> None:
        self.keys = as_keys(keys)
        if margin < 0:
            raise ValueError(f"margin must be >= 0 voxels, got {margin}")
        self.source_key = source_key
        self.threshold, self.margin, self.allow_empty = threshold, margin, allow_empty

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample cropped.

        Raises:
            DataError: Nothing is above the threshold, or the images differ in shape.
        """
        source = realize(image_of(sample, self.source_key))
        sample = {**sample, self.source_key: source}
        same_shape(sample, (self.source_key, *self.keys))
        box = foreground_box(source.data, self.threshold)
        if box is None and self.allow_empty:
            return sample
        if box is None:
            raise DataError(
                f"image {source.name} has no foreground",
                got=f"values up to {source.data.max().item():g}",
                expected=f"some above {self.threshold:g}",
                hint="is it the right image, in the right units?",
            )
        start = [max(first - self.margin, 0) for first, _ in box]
        stop = [min(last + self.margin, size - 1) + 1 for (_, last), size in zip(box, source.shape, strict=True)]
        size = [high - low for low, high in zip(start, stop, strict=True)]
        images = {key: image_of(sample, key) for key in self.keys}
        return {**sample, **{key: wish(image, image.target.cropped(start, size)) for key, image in images.items()}}


def foreground_box(data: Tensor, threshold: float) -> list[tuple[int, int]] | None:
    """The first and last index along each axis of [C, *S] with a value above `threshold`; None if there is none."""
    mask = (data > threshold).view(torch.uint8).amax(dim=0)  # `any` of truth values would be slow
    box = []
    while mask.ndim:
        found = mask.reshape(len(mask), -1).amax(dim=1).nonzero()
        if len(found) == 0:
            return None
        box.append((int(found[0]), int(found[-1])))
        mask = mask.amax(dim=0)
    return box
