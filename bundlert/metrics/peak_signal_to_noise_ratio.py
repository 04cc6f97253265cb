"""Peak signal-to-noise ratio of images."""

from __future__ import annotations

import math

from torch import Tensor

from bundlert.metrics.image_metric import ImageMetric, mean_squared_error


class PeakSignalToNoiseRatio(ImageMetric):
    """10 log10(max_val^2 / mean squared difference), in dB: of each case, then the mean over cases.

    Both images are [C, *S]. Images that are equal give infinity, and so does the mean over cases that has one. An image
    with a voxel that isn't a finite number is refused. Source: Gonzalez and Woods, Digital Image Processing.

    Args:
        max_val: The range of the images: the greatest possible value less the smallest.

    Raises:
        ValueError: The range isn't positive and finite.
    """

    name = "psnr"

    def __init__(self, max_val: float) -> None:
        super().__init__()
        if not 0 < max_val < math.inf:
            raise ValueError(f"max_val must be positive and finite, got {max_val}")
        self.max_val = max_val

    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The ratio in dB."""
        return 10 * (2 * math.log10(self.max_val) - mean_squared_error(prediction, target).log10())
