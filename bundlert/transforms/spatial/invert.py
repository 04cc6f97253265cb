"""Invert: back to the grid of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Sample, image_of
from bundlert.transforms.lazy import wish
from bundlert.transforms.spatial.moving import Mode, Resampling

if TYPE_CHECKING:
    import numpy as np


class Invert:
    """Bring images, predictions above all, to the grid of the file that another image was read from.

    All grids lie in one world, so this is one resampling, whatever steps led here. What no step kept is zero.

    Args:
        keys: Images to bring back, on the grid of `like`.
        like: The image whose file they shall fit.
        mode: `bilinear` for probabilities, `nearest` for label maps; one, or one per key.
    """

    def __init__(self, keys: Keys, like: str, mode: Mode = "bilinear") -> None:
        self.resampling = Resampling(keys, mode, "zeros")
        self.keys, self.like = self.resampling.keys, like

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Wish for the grid of the file.

        Raises:
            DataError: An image doesn't lie on the grid of `like`.
        """
        like = image_of(sample, self.like)
        new = dict(sample)
        for key in self.keys:
            image = image_of(sample, key)
            if not image.target.same_as(like.target):
                raise DataError(f"'{key}' doesn't lie on the grid of '{self.like}'", got=image.name, expected=like.name)
            new[key] = wish(image, like.original, **self.resampling.options(key))
        return new
