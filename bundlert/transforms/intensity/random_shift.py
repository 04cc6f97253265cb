"""RandShiftIntensity: brighter or darker, by a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.random_change import RandomChange

if TYPE_CHECKING:
    from torch import Tensor


class RandShiftIntensity(RandomChange):
    """Add an offset, the same for all keys.

    Args:
        keys: Images to change.
        offsets: The range of the offset: (low, high), or a number for -number..number.
        prob: How often anything is changed.
        channel_wise: Whether each channel has one of its own.
    """

    def __init__(
        self, keys: Keys, offsets: float | Sequence[float], prob: float = 0.1, channel_wise: bool = False
    ) -> None:
        super().__init__(keys, "offsets", offsets, prob, channel_wise)

    def changed_by(self, data: Tensor, amount: float) -> Tensor:
        """Give data + amount."""
        return data + amount
