"""Root of the mean squared difference of images."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from bundlert.metrics.image_metric import ImageMetric, mean_squared_error


class RootMeanSquaredError(ImageMetric):
    """Root of the mean of (prediction - target)^2 over the voxels and channels of a case, then the mean over cases.

    In the unit of the images, both [C, *S]. An image with a voxel that isn't a finite number is refused.
    """

    name = "rmse"
    higher_is_better: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()

    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The root of the mean squared difference."""
        return mean_squared_error(prediction, target).sqrt()
