"""MaskIntensity: nothing outside a mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Sample, as_keys, image_of, same_shape
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class MaskIntensity:
    """Make all voxels outside a mask 0, NaN too; dtypes stay.

    Args:
        keys: Images to change.
        mask_key: The image with the mask, of one channel or as many as the others, on the same voxels.
        select_fn: A function from the voxels of the mask to true and false; above 0 if not given.
    """

    def __init__(self, keys: Keys, mask_key: str, select_fn: Callable[[Tensor], Tensor] | None = None) -> None:
        self.keys = as_keys(keys)
        self.mask_key, self.select_fn = mask_key, select_fn

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the images changed.

        Raises:
            DataError: The images differ in shape.
            ValueError: The mask has another number of channels than an image, and not one.
        """
        same_shape(sample, (self.mask_key, *self.keys))
        given = realize(image_of(sample, self.mask_key)).data
        mask = given > 0 if self.select_fn is None else self.select_fn(given).bool()
        new = dict(sample)
        for key in self.keys:
            image = realize(image_of(sample, key))
            if len(mask) not in (1, len(image.data)):
                raise ValueError(f"'{self.mask_key}' must have 1 channel or {len(image.data)}, got {len(mask)}")
            new[key] = image.with_data(image.data.where(mask, 0))
        return new
