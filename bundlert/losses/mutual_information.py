"""Global mutual information: how much one image tells about another, whatever the relation of their contrasts."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bundlert.losses.classes import check_reduction, reduced
from bundlert.losses.images import exact

_KERNELS = ("gaussian", "b-spline")
_MARGIN = 2  # bins at each end that a cubic spline reaches into


class GlobalMutualInformationLoss(nn.Module):
    """-sum_ij p_ij log((p_ij + smooth_nr) / (p_i p_j + smooth_dr) + smooth_dr), over the bins of a joint histogram.

    Each voxel falls into several bins, so that a gradient exists. `gaussian`: bins stand at 0 to 1, a value clipped to
    that counts exp(-d^2 / (2 sigma^2)) in the bin at distance d, its counts summing to 1. `b-spline`: bins span the
    values of an image, two more at each end; pred counts as a cubic B-spline in four bins, target in the nearest.

    Source: Viola and Wells, IJCV 1997 (Gaussian windows); Mattes et al., IEEE TMI 2003, eq. 4 to 6 (B-splines).

    Args:
        kernel_type: `gaussian` or `b-spline`.
        num_bins: How many bins, > 1; > 4 for B-splines.
        sigma_ratio: sigma in distances of bins, > 0; for Gaussian windows.
        reduction: `mean`, `sum` or `none` over items.
        smooth_nr: Added to the joint probability.
        smooth_dr: Added to the product of the single ones.

    Shape:
        pred and target [B, C, *S], intensities 0 to 1 for Gaussian windows -> a number, or [B] if not reduced.

    Raises:
        ValueError: An unknown kernel or reduction, too few bins, a sigma_ratio of 0 or less, shapes that don't agree.
    """

    def __init__(
        self,
        kernel_type: str = "gaussian",
        num_bins: int = 23,
        sigma_ratio: float = 0.5,
        *,
        reduction: str = "mean",
        smooth_nr: float = 1e-7,
        smooth_dr: float = 1e-7,
    ) -> None:
        super().__init__()
        if kernel_type not in _KERNELS:
            raise ValueError(f"kernel_type must be one of {', '.join(_KERNELS)}, got '{kernel_type}'")
        least = 2 * _MARGIN + 1 if kernel_type == "b-spline" else 2
        if num_bins < least:
            raise ValueError(f"num_bins must be >= {least} for '{kernel_type}', got {num_bins}")
        if sigma_ratio <= 0:
            raise ValueError(f"sigma_ratio must be > 0, got {sigma_ratio}")
        self.kernel_type, self.num_bins, self.sigma_ratio = kernel_type, num_bins, sigma_ratio
        self.reduction, self.smooth_nr, self.smooth_dr = check_reduction(reduction), smooth_nr, smooth_dr

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """The loss of a warped image against a fixed one."""
        if pred.shape != target.shape or pred.ndim < 3:
            shapes = f"{tuple(pred.shape)} and {tuple(target.shape)}"
            raise ValueError(f"both images must have one shape [B, C, *S], got {shapes}")
        with torch.autocast(pred.device.type, enabled=False):
            first, second = exact(pred, target).flatten(1), exact(target, pred).flatten(1)
            if self.kernel_type == "gaussian":
                shares = self._gaussian(first), self._gaussian(second)
            else:
                shares = _cubic(self._places(first)), _nearest(self._places(second))
            return reduced(-self._information(*shares), self.reduction)

    def _information(self, first: Tensor, second: Tensor) -> Tensor:
        """The mutual information of two images' shares in bins, each [B, bins, N]."""
        joint = first @ second.transpose(1, 2) / first.shape[2]
        alone = first.mean(2)[:, :, None] * second.mean(2)[:, None]
        ratio = (joint + self.smooth_nr) / (alone + self.smooth_dr)
        return (joint * torch.log(ratio + self.smooth_dr)).sum((1, 2))

    def _gaussian(self, values: Tensor) -> Tensor:
        """Each value's shares in the bins, [B, bins, N]."""
        centres = torch.linspace(0, 1, self.num_bins, dtype=values.dtype, device=values.device).view(1, -1, 1)
        sigma = self.sigma_ratio / (self.num_bins - 1)
        return (-((values.clamp(0, 1)[:, None] - centres) ** 2) / (2 * sigma**2)).softmax(1)

    def _places(self, values: Tensor) -> Tensor:
        """Each value's distance to the bins, [B, bins, N], in bins."""
        low, high = values.detach().aminmax(dim=1, keepdim=True)
        width = (high - low).clamp_min(torch.finfo(values.dtype).eps) / (self.num_bins - 2 * _MARGIN)
        place = ((values - low) / width + _MARGIN).clamp(_MARGIN, self.num_bins - _MARGIN - 1)
        return place[:, None] - torch.arange(self.num_bins, dtype=values.dtype, device=values.device).view(1, -1, 1)


def _cubic(distance: Tensor) -> Tensor:
    """The cubic B-spline."""
    far = distance.abs()
    near = (4 - 6 * far**2 + 3 * far**3) / 6
    return torch.where(far < 1, near, (2 - far).clamp_min(0) ** 3 / 6)


def _nearest(distance: Tensor) -> Tensor:
    """1 in the nearest bin, the upper one half-way."""
    return ((distance >= -0.5) & (distance < 0.5)).to(distance)
