"""AdjustContrast: a gamma curve between the darkest and the brightest voxel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.spread import extremes, mean_and_std
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor


class AdjustContrast(VoxelTransform):
    """Give ((v - low) / (high - low)) ** gamma * (high - low) + low, with the least and greatest value of the image.

    The result is float32. A constant image stays as it is.

    Args:
        keys: Images to change.
        gamma: Above 1 for darker middle values, below 1 for brighter ones; > 0.
        invert_image: Whether the curve is that of the negative image.
        retain_stats: Whether the image keeps its mean and standard deviation.

    Raises:
        ValueError: `gamma` isn't above 0.
    """

    def __init__(self, keys: Keys, gamma: float, invert_image: bool = False, retain_stats: bool = False) -> None:
        super().__init__(keys)
        if not gamma > 0:
            raise ValueError(f"gamma must be > 0, got {gamma}")
        self.gamma, self.invert_image, self.retain_stats = gamma, invert_image, retain_stats

    def changed(self, data: Tensor) -> Tensor:
        """Bend the values."""
        return bent(data, self.gamma, invert_image=self.invert_image, retain_stats=self.retain_stats)


def bent(data: Tensor, gamma: float, *, invert_image: bool, retain_stats: bool) -> Tensor:
    """Voxels after a gamma curve: see AdjustContrast. Powers are taken by logarithms, in half of the time."""
    low, high = extremes(data)
    if high == low:
        return data.clone()
    reach = high - low
    if invert_image:
        new = (high - data).div_(reach).log2_().mul_(gamma).exp2_().mul_(-reach).add_(high)
    else:
        new = (data - low).div_(reach).log2_().mul_(gamma).exp2_().mul_(reach).add_(low)
    if retain_stats:
        mean, std = mean_and_std(data)
        own_mean, own_std = mean_and_std(new)
        new.sub_(own_mean).mul_(std / (own_std or 1.0)).add_(mean)
    return new
