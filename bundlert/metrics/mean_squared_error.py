"""Mean squared difference of images."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from bundlert.metrics.image_metric import ImageMetric, mean_squared_error


class MeanSquaredError(ImageMetric):
    """Mean of (prediction - target)^2 over the voxels and channels of a case, then over cases.

    In the unit of the images, squared, both [C, *S]. An image with a voxel that isn't a finite number is refused.
    """

    name = "mse"
    higher_is_better: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()

    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The mean squared difference."""
        return mean_squared_error(prediction, target)
