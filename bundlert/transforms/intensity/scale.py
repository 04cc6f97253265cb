"""ScaleIntensity: whatever range an image has becomes [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.spread import extremes
from bundlert.transforms.intensity.voxels import VoxelTransform, in_parts

if TYPE_CHECKING:
    from torch import Tensor


class ScaleIntensity(VoxelTransform):
    """Map the least value of an image to `minv` and the greatest to `maxv`, linearly; or multiply by 1 + `factor`.

    The result is float32. A constant image becomes `minv`. Values that aren't finite don't count as least or greatest.

    Args:
        keys: Images to scale.
        minv: What the least value becomes.
        maxv: What the greatest value becomes.
        factor: For v * (1 + factor) instead, where `minv` and `maxv` are null.
        channel_wise: Whether each channel has its own least and greatest value.

    Raises:
        ValueError: Neither a range nor a factor is given, or both, or `minv` is above `maxv`.
    """

    def __init__(
        self,
        keys: Keys,
        minv: float | None = 0.0,
        maxv: float | None = 1.0,
        factor: float | None = None,
        channel_wise: bool = False,
    ) -> None:
        super().__init__(keys)
        if (minv is None) != (maxv is None) or (minv is None) == (factor is None):
            raise ValueError(f"minv and maxv must be given, or else factor, got {minv}, {maxv} and {factor}")
        if minv is not None and maxv is not None and minv > maxv:
            raise ValueError(f"minv must be <= maxv, got {minv} and {maxv}")
        self.minv, self.maxv, self.factor, self.channel_wise = minv, maxv, factor, channel_wise

    def changed(self, data: Tensor) -> Tensor:
        """Scale the voxels."""
        if self.factor is not None:
            return data * (1 + self.factor)
        return in_parts(data, self.channel_wise, lambda part: scaled(part, self.minv or 0.0, self.maxv or 0.0))


def scaled(data: Tensor, minv: float, maxv: float) -> Tensor:
    """Voxels whose least value is `minv` and whose greatest is `maxv`."""
    low, high = extremes(data)
    part = (data - low).div_(high - low or 1.0)
    return part if (minv, maxv) == (0, 1) else part.mul_(maxv - minv).add_(minv)
