"""Bending energy: how far a displacement field is from an affine one."""

from __future__ import annotations

from torch import Tensor, nn

from bundlert.losses.classes import check_reduction
from bundlert.losses.differences import field_energy


class BendingEnergyLoss(nn.Module):
    """The mean over components and inner voxels of sum_d u_dd^2 + 2 sum_(d<e) u_de^2.

    u_dd = u[i+1] - 2 u[i] + u[i-1], u_de = (u[++] - u[+-] - u[-+] + u[--]) / 4: differences of neighbours, so that the
    finest ripple costs most. (Central differences taken twice do not see it.)

    Source: Rueckert et al., Nonrigid registration using free-form deformations, IEEE TMI 1999, eq. 7.

    Args:
        normalize: Whether differences are taken in units of the size, times N_d N_e / N_i for component i: the same
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
        return field_energy(pred, second=True, normalize=self.normalize, reduction=self.reduction)
