"""1 - structural similarity of two images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from bundlert.losses.classes import check_reduction, reduced
from bundlert.losses.images import check_images, exact
from bundlert.ops.similarity import Similarity


class SSIMLoss(nn.Module):
    """1 - the mean over channels and windows of the structural similarity, at best 0.

    It is (2 m_x m_y + c1) (2 s_xy + c2) / ((m_x^2 + m_y^2 + c1) (s_x^2 + s_y^2 + c2)): m are means of a window, s^2
    variances, s_xy the covariance, c1 = (k1 data_range)^2, c2 = (k2 data_range)^2. Only windows that lie inside count.

    Source: Wang et al., Image quality assessment, IEEE TIP 2004, eq. 13.

    Args:
        spatial_dims: 1, 2 or 3.
        data_range: The greatest value less the least that images can have, > 0.
        kernel_type: `gaussian` or `uniform`: how much the voxels of a window count.
        win_size: How wide a window is, in voxels; one number, or one an axis.
        kernel_sigma: The standard deviation of a Gaussian, in voxels; one number, or one an axis.
        k1: Keeps the ratio of means finite.
        k2: Keeps the ratio of variances finite.
        reduction: `mean`, `sum` or `none` over items.

    Shape:
        input and target [B, C, *S] -> a number, or [B] if not reduced.

    Raises:
        ValueError: An unknown kernel or reduction, a range or sigma of 0 or less, shapes that don't agree, images
            smaller than a window.
    """

    def __init__(
        self,
        spatial_dims: int,
        data_range: float = 1.0,
        kernel_type: str = "gaussian",
        win_size: int | Sequence[int] = 11,
        kernel_sigma: float | Sequence[float] = 1.5,
        *,
        k1: float = 0.01,
        k2: float = 0.03,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        if spatial_dims not in (1, 2, 3):
            raise ValueError(f"spatial_dims must be 1, 2 or 3, got {spatial_dims}")
        self.spatial_dims, self.reduction = spatial_dims, check_reduction(reduction)
        self.similarity = Similarity(data_range, kernel_type, win_size, kernel_sigma, k1, k2)
        self.similarity.kernels(spatial_dims)  # told now if they are for other axes

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of an image against another."""
        check_images(input, target, self.spatial_dims)
        with torch.autocast(input.device.type, enabled=False):
            return reduced(1 - self.similarity.mean(exact(input, target), exact(target, input)), self.reduction)
