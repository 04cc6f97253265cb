"""RandStdShiftIntensity: brighter or darker, by a part of the standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.random_change import RandomChange
from bundlert.transforms.intensity.spread import mean_and_std
from bundlert.transforms.intensity.voxels import in_parts

if TYPE_CHECKING:
    from torch import Tensor


class RandStdShiftIntensity(RandomChange):
    """Add f times the standard deviation of the image, the same f for all keys. The result is float32.

    Args:
        keys: Images to change.
        factors: The range of f: (low, high), or a number for -number..number.
        prob: How often anything is changed.
        nonzero: Whether zeros neither count nor change.
        channel_wise: Whether each channel has its own deviation.
    """

    def __init__(
        self,
        keys: Keys,
        factors: float | Sequence[float],
        prob: float = 0.1,
        nonzero: bool = False,
        channel_wise: bool = False,
    ) -> None:
        super().__init__(keys, "factors", factors, prob)
        self.nonzero, self.channel_wise = nonzero, channel_wise

    def changed_by(self, data: Tensor, amount: float) -> Tensor:
        """Give data + amount * std."""
        return in_parts(data, self.channel_wise, lambda part: self._shifted(part, amount))

    def _shifted(self, data: Tensor, amount: float) -> Tensor:
        mask = data != 0 if self.nonzero else None
        shift = amount * mean_and_std(data, mask)[1]
        return data + shift if mask is None else data.add(mask, alpha=shift)
