"""GaussianSmooth: a Gaussian blur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.gaussian import blurred, check_sigma
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor


class GaussianSmooth(VoxelTransform):
    """Blur with a Gaussian, as float32.

    What lies outside the image counts as 0. Weights end at 4 sigma, and add up to 1. A voxel that
    isn't finite spoils all voxels in its reach.

    Args:
        keys: Images to blur.
        sigma: Standard deviation in voxels, one or one for each axis.
        approx: `erf`, the Gaussian integrated over each voxel; `sampled`, its value at the centre; `scalespace`, the
            discrete Gaussian.

    Raises:
        ValueError: `sigma` is negative, or `approx` isn't known.
    """

    def __init__(self, keys: Keys, sigma: float | Sequence[float] = 1.0, approx: str = "erf") -> None:
        super().__init__(keys)
        check_sigma("sigma", sigma, approx)
        self.sigma, self.approx = sigma, approx

    def changed(self, data: Tensor) -> Tensor:
        """Blur the voxels."""
        return blurred(data, self.sigma, self.approx)
