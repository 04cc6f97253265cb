"""RandScaleIntensity: brighter or darker, by a factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.random_change import RandomChange

if TYPE_CHECKING:
    from torch import Tensor


class RandScaleIntensity(RandomChange):
    """Multiply by 1 + f, the same f for all keys.

    Args:
        keys: Images to change.
        factors: The range of f: (low, high), or a number for -number..number.
        prob: How often anything is changed.
        channel_wise: Whether each channel has one of its own.
    """

    def __init__(
        self, keys: Keys, factors: float | Sequence[float], prob: float = 0.1, channel_wise: bool = False
    ) -> None:
        super().__init__(keys, "factors", factors, prob, channel_wise)

    def changed_by(self, data: Tensor, amount: float) -> Tensor:
        """Give data * (1 + amount)."""
        return data * (1 + amount)
