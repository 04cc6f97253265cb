"""Local normalised cross-correlation: how alike two images are around each voxel, whatever their contrast."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from bundlert.losses.classes import check_reduction
from bundlert.losses.images import check_images, exact
from bundlert.losses.local_correlation import Windows, correlation_map, correlation_sum
from bundlert.ops.windows import Kernel, gaussian, triangle

_KERNELS = ("rectangular", "triangular", "gaussian")


class LocalNormalizedCrossCorrelationLoss(nn.Module):
    """-(c^2 + smooth_nr) / (v_p v_t), with the covariance and the variances of a window around each voxel.

    With sums over the window, c = sum(p t) - sum(p) sum(t) / V and v_p = max(sum(p^2) - sum(p)^2 / V, smooth_dr); V is
    the sum of its weights. What lies outside the image is 0. -1 is the best there is with smooth_nr = 0.

    Source: Avants et al., Symmetric diffeomorphic image registration, MedIA 2008, eq. 7.

    Args:
        spatial_dims: 1, 2 or 3.
        kernel_size: How wide a window is, in voxels: odd, >= 3.
        kernel_type: `rectangular`, `triangular` (a box convolved with itself) or `gaussian` (sigma = kernel_size / 3).
        reduction: `mean`, `sum` or `none` over items, channels and voxels.
        smooth_nr: Added to the numerator.
        smooth_dr: What variances are at least, > 0.

    Shape:
        pred and target [B, C, *S] -> a number, or [B, C, *S] if not reduced.

    Raises:
        ValueError: An unknown kernel or reduction, an even size, a smooth_dr of 0 or less, shapes that don't agree.
    """

    def __init__(
        self,
        spatial_dims: int = 3,
        kernel_size: int = 3,
        kernel_type: str = "rectangular",
        *,
        reduction: str = "mean",
        smooth_nr: float = 0.0,
        smooth_dr: float = 1e-5,
    ) -> None:
        super().__init__()
        if spatial_dims not in (1, 2, 3):
            raise ValueError(f"spatial_dims must be 1, 2 or 3, got {spatial_dims}")
        if smooth_dr <= 0:
            raise ValueError(f"smooth_dr must be > 0, got {smooth_dr}")
        self.spatial_dims, self.reduction = spatial_dims, check_reduction(reduction)
        self.windows = Windows(_kernel(kernel_type, kernel_size), spatial_dims, smooth_nr, smooth_dr)

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss of a warped image against a fixed one."""
        check_images(pred, target, self.spatial_dims)
        with torch.autocast(pred.device.type, enabled=False):
            first, second = (exact(image, pred, target).flatten(0, 1) for image in (pred, target))
            if self.reduction == "none":
                return -correlation_map(first, second, self.windows).view(pred.shape)
            total = -correlation_sum(first, second, self.windows)
        return total / math.prod(pred.shape) if self.reduction == "mean" else total


def _kernel(kind: str, size: int) -> Kernel:
    if kind not in _KERNELS:
        raise ValueError(f"kernel_type must be one of {', '.join(_KERNELS)}, got '{kind}'")
    if size < 3 or size % 2 == 0:
        raise ValueError(f"kernel_size must be odd and >= 3, got {size}")
    if kind == "rectangular":
        return (1.0,) * size
    return triangle(size) if kind == "triangular" else gaussian(size, size / 3)
