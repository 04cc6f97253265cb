"""ScaleIntensityRange: a window of values becomes [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import realized_alone

if TYPE_CHECKING:
    from bundlert.images.image import Image


class ScaleIntensityRange(Transform):
    """Map `a_min`..`a_max` linearly to `b_min`..`b_max`, as float32.

    Args:
        keys: Images to scale.
        a_min: What becomes `b_min`, exactly; in HU for a CT.
        a_max: What becomes `b_max`.
        b_min: The lower end.
        b_max: The upper end.
        clip: Whether values beyond the ends become the ends.

    Raises:
        ValueError: `a_min` is not below `a_max`, or `b_min` is above `b_max`.
    """

    def __init__(
        self, keys: Keys, a_min: float, a_max: float, b_min: float = 0.0, b_max: float = 1.0, *, clip: bool = False
    ) -> None:
        super().__init__(keys)
        if not a_min < a_max or b_min > b_max:
            raise ValueError(f"a_min < a_max and b_min <= b_max must hold, got {a_min}, {a_max} and {b_min}, {b_max}")
        self.a_min, self.a_max, self.b_min, self.b_max, self.clip = a_min, a_max, b_min, b_max, clip

    def apply(self, image: Image) -> Image:
        """Scale the voxels."""
        image = realized_alone(image, torch.float32)
        # subtracted first, so that a_min gives b_min exactly and CropForeground may test for > 0
        image.data.sub_(self.a_min).mul_((self.b_max - self.b_min) / (self.a_max - self.a_min))
        if self.b_min:
            image.data.add_(self.b_min)
        if self.clip:
            image.data.clamp_(self.b_min, self.b_max)
        return image
