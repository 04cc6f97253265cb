"""GaussianSharpen: what a blur takes away is added several times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.gaussian import blurred, check_sigma
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor


class GaussianSharpen(VoxelTransform):
    """Give b + alpha * (b - c): b is the image blurred by `sigma1`, c is b blurred by `sigma2`. The result is float32.

    What lies outside the image counts as 0.

    Args:
        keys: Images to sharpen.
        sigma1: Standard deviation of the first blur in voxels, one or one for each axis.
        sigma2: That of the second blur.
        alpha: How strongly.
        approx: How weights of the blurs are found: `erf`, `sampled` or `scalespace`, as in GaussianSmooth.

    Raises:
        ValueError: A deviation is negative, or `approx` isn't known.
    """

    def __init__(
        self,
        keys: Keys,
        sigma1: float | Sequence[float] = 3.0,
        sigma2: float | Sequence[float] = 1.0,
        alpha: float = 30.0,
        approx: str = "erf",
    ) -> None:
        super().__init__(keys)
        check_sigma("sigma1", sigma1, approx)
        check_sigma("sigma2", sigma2, approx)
        self.sigma1, self.sigma2, self.alpha, self.approx = sigma1, sigma2, alpha, approx

    def changed(self, data: Tensor) -> Tensor:
        """Sharpen the voxels."""
        return sharpened(data, self.sigma1, self.sigma2, self.alpha, self.approx)


def sharpened(
    data: Tensor, sigma1: float | Sequence[float], sigma2: float | Sequence[float], alpha: float, approx: str
) -> Tensor:
    """Voxels [C, *S] sharpened: see GaussianSharpen."""
    first = blurred(data, sigma1, approx)
    return blurred(first, sigma2, approx).mul_(-alpha).add_(first, alpha=1 + alpha)
