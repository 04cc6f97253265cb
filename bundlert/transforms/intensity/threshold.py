"""ThresholdIntensity: what is not beyond a threshold becomes one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor


class ThresholdIntensity(VoxelTransform):
    """Keep values above a threshold, or below it; all others become `cval`. The result is float32.

    NaN is neither above nor below: it becomes `cval`.

    Args:
        keys: Images to change.
        threshold: The value to compare with; itself it isn't kept.
        above: Whether to keep what is above it, rather than what is below.
        cval: What the others become.
    """

    def __init__(self, keys: Keys, threshold: float, above: bool = True, cval: float = 0.0) -> None:
        super().__init__(keys)
        self.threshold, self.above, self.cval = threshold, above, cval

    def changed(self, data: Tensor) -> Tensor:
        """Replace what isn't kept."""
        return data.where(data > self.threshold if self.above else data < self.threshold, self.cval)
