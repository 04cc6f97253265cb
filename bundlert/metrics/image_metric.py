"""Metrics of images beside images, voxel by voxel."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from bundlert.metrics.base import CaseMetric
from bundlert.metrics.case import Case


class ImageMetric(CaseMetric):
    """A figure of two images of one shape [C, *S] for each case, then the mean over cases.

    There are no classes that could be missing; an image with a voxel that isn't a finite number is refused.
    """

    @abstractmethod
    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The figure of two images of 64-bit floats."""

    def measure(self, case: Case) -> Tensor:
        """The figure of a case.

        Raises:
            ValueError: The shapes differ, there is no voxel, or one isn't a finite number.
        """
        prediction, target = case.prediction.detach(), case.target.detach()
        if prediction.shape != target.shape or not target.numel():
            shapes = f"{tuple(prediction.shape)} and {tuple(target.shape)}"
            raise ValueError(f"prediction and target must be images [C, *S] of one shape, got {shapes}")
        prediction, target = prediction.double(), target.to(prediction.device).double()
        for side, image in (("prediction", prediction), ("target", target)):
            if not image.isfinite().all():
                raise ValueError(f"{side} must be finite, got {int((~image.isfinite()).sum())} voxels that aren't")
        return self.figure(prediction, target).reshape(1)


def mean_squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    """The mean of squared differences."""
    return torch.nn.functional.mse_loss(prediction, target)
