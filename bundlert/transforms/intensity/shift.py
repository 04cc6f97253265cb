"""ShiftIntensity: a value is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor


class ShiftIntensity(VoxelTransform):
    """Add an offset to all voxels, as float32.

    Args:
        keys: Images to change.
        offset: What to add, in the units of the image.
    """

    def __init__(self, keys: Keys, offset: float) -> None:
        super().__init__(keys)
        self.offset = offset

    def changed(self, data: Tensor) -> Tensor:
        """Add the offset."""
        return data + self.offset
