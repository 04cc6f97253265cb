"""Mean absolute difference of images."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import l1_loss

from bundlert.metrics.image_metric import ImageMetric


class MeanAbsoluteError(ImageMetric):
    """Mean of |prediction - target| over the voxels and channels of a case, then over cases.

    In the unit of the images, both [C, *S]. An image with a voxel that isn't a finite number is refused.
    """

    name = "mae"
    higher_is_better: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()

    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The mean absolute difference."""
        return l1_loss(prediction, target)
