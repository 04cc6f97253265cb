"""Diffusion: how far a displacement field is from a shift."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from bundlert.losses.classes import check_reduction
from bundlert.losses.differences import energy_map, energy_sum
from bundlert.losses.images import check_field, exact


class DiffusionLoss(nn.Module):
    """The mean over components and inner voxels of sum_d u_d^2, u_d = (u[i+1] - u[i-1]) / 2.

    Source: Balakrishnan et al., VoxelMorph, IEEE TMI 2019, eq. 6 (there with one-sided differences).

    Args:
        normalize: Whether differences are taken in units of the size, times N_d / N_i for component i: the same
            field on a finer grid then costs the same.
        reduction: `mean`, `sum` or `none` over items, components and inner voxels.

    Shape:
        pred [B, D, *S], displacements in voxels, D axes -> a number, or [B, D, *(S - 2)] if not reduced.

    Raises:
        ValueError: An unknown reduction, another number of components than of axes, an axis shorter than 3.
    """

    def __init__(self, normalize: bool = False, *, reduction: str = "mean") -> None:
        super().__init__()
        self.normalize, self.reduction = normalize, check_reduction(reduction)

    def forward(self, pred: Tensor) -> Tensor:
        """The loss of a displacement field."""
        check_field(pred)
        with torch.autocast(pred.device.type, enabled=False):
            field = exact(pred)
            if self.reduction == "none":
                return energy_map(field, second=False, normalize=self.normalize)
            total = energy_sum(field, second=False, normalize=self.normalize)
        inner = math.prod(pred.shape[:2]) * math.prod(size - 2 for size in pred.shape[2:])
        return total / inner if self.reduction == "mean" else total
