"""Diffusion: how far a displacement field is from a shift."""

from __future__ import annotations

from torch import Tensor, nn

from bundlert.losses.classes import check_reduction
from bundlert.losses.differences import field_energy


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
        return field_energy(pred, second=False, normalize=self.normalize, reduction=self.reduction)
