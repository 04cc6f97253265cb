"""ResampleToMatch: the grid of another image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Sample, image_of
from bundlert.transforms.lazy import wish
from bundlert.transforms.spatial.moving import Mode, Padding, Resampling

if TYPE_CHECKING:
    import numpy as np


class ResampleToMatch:
    """Resample images to the grid of another one in the same world.

    Args:
        keys: Images to resample.
        key_dst: The image whose grid they get.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.
    """

    def __init__(self, keys: Keys, key_dst: str, mode: Mode = "bilinear", padding_mode: Padding = "border") -> None:
        self.resampling = Resampling(keys, mode, padding_mode)
        self.keys, self.key_dst = self.resampling.keys, key_dst

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Wish for the other image's grid.

        Raises:
            DataError: The images have not the same number of axes.
        """
        target = image_of(sample, self.key_dst).target
        new = dict(sample)
        for key in self.keys:
            image = image_of(sample, key)
            if len(image.shape) != len(target.shape):
                raise DataError(
                    f"'{key}' and '{self.key_dst}' differ in their number of axes", got=f"{image.shape}, {target.shape}"
                )
            new[key] = wish(image, target, **self.resampling.options(key))
        return new
