"""ClipIntensity: nothing beyond two values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn.functional import softplus

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor


class ClipIntensity(VoxelTransform):
    """Make values below `minv` become `minv`, and those above `maxv` become `maxv`, as float32. NaN stays NaN.

    Args:
        keys: Images to clip.
        minv: The least value; null for none.
        maxv: The greatest value; null for none.

    Raises:
        ValueError: There is neither, or `minv` is above `maxv`.
    """

    def __init__(self, keys: Keys, minv: float | None = None, maxv: float | None = None) -> None:
        super().__init__(keys)
        if minv is None and maxv is None:
            raise ValueError(f"minv or maxv must be given, got {minv} and {maxv}")
        if minv is not None and maxv is not None and minv > maxv:
            raise ValueError(f"minv must be <= maxv, got {minv} and {maxv}")
        self.minv, self.maxv = minv, maxv

    def changed(self, data: Tensor) -> Tensor:
        """Clip the voxels."""
        return data.clamp(self.minv, self.maxv)


def softly_clipped(data: Tensor, minv: float | None, maxv: float | None, sharpness: float) -> Tensor:
    """Values bent towards two ends that they never pass, the harder the greater `sharpness` (1 / unit of the image).

    v + s(minv - v) - s(v - maxv), with s(x) = log(1 + exp(sharpness * x)) / sharpness, the smooth form of max(x, 0).
    """
    new = data.clone()
    if minv is not None:
        new += softplus(minv - data, beta=sharpness)
    if maxv is not None:
        new -= softplus(data - maxv, beta=sharpness)
    return new
