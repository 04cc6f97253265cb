"""What the random changes by one number share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Params, Sample, image_of
from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandomChange(RandomVoxels):
    """Change the voxels of all keys by one drawn amount, or leave them.

    Args:
        keys: Images to change.
        name: How the subclass calls its range, for messages.
        amounts: The range of the amount: (low, high), or a number for -number..number.
        prob: How often anything is changed.
        channel_wise: Whether each channel has an amount of its own.

    Raises:
        ValueError: `prob` is no probability, or the range is no range.
    """

    def __init__(
        self, keys: Keys, name: str, amounts: float | Sequence[float], prob: float, channel_wise: bool = False
    ) -> None:
        super().__init__(keys, prob)
        self.own_amounts = channel_wise
        self.low, self.high = as_range(name, amounts)

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give what `drawn` decides, or {}; so many numbers are used either way that later steps don't depend on it."""
        happens, params = rng.random() < self.prob, self.drawn(sample, rng)
        return params if happens else {}

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"amount": the amount, or one for each channel of the first key}."""
        if not self.own_amounts:
            return {"amount": float(rng.uniform(self.low, self.high))}
        count = len(image_of(sample, self.keys[0]).data)
        return {"amount": [float(one) for one in rng.uniform(self.low, self.high, size=count)]}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Change by the drawn amount.

        Raises:
            ValueError: There are amounts for another number of channels.
        """
        amount = params["amount"]
        if isinstance(amount, (int, float)):
            return self.changed_by(data, amount)
        if len(amount) != len(data):
            raise ValueError(f"channel_wise needs keys of equally many channels, got {len(amount)} and {len(data)}")
        return torch.cat([self.changed_by(data[index : index + 1], one) for index, one in enumerate(amount)])

    @abstractmethod
    def changed_by(self, data: Tensor, amount: float) -> Tensor:
        """Give new voxels [C, *S]; `data` stays as it is."""
