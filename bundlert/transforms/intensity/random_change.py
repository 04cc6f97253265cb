"""What the random changes of intensity share: one number, drawn for all keys alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Params, RandomTransform, Sample, image_of
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandomChange(RandomTransform):
    """Change the voxels of all keys by one drawn amount, or leave them.

    Args:
        keys: Images to change.
        name: How the subclass calls its range, for messages.
        amounts: The range of the amount: (low, high), or a number for -number..number.
        prob: How often anything is changed.

    Raises:
        ValueError: `prob` is no probability, or the range is no range.
    """

    def __init__(self, keys: Keys, name: str, amounts: float | Sequence[float], prob: float) -> None:
        super().__init__(keys)
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must lie in 0..1, got {prob}")
        ends = (-abs(amounts), abs(amounts)) if isinstance(amounts, (int, float)) else tuple(amounts)
        if len(ends) != 2 or ends[0] > ends[1]:
            raise ValueError(f"{name} must be a number or (low, high), got {amounts}")
        self.low, self.high = ends
        self.prob = prob

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"amount": the amount, or None where nothing changes}."""
        happens, amount = rng.random() < self.prob, rng.uniform(self.low, self.high)
        return {"amount": float(amount) if happens else None}

    def apply(self, sample: Sample, params: Params) -> Sample:
        """Change the voxels of all keys."""
        if params["amount"] is None:
            return sample
        images = {key: realize(image_of(sample, key)) for key in self.keys}
        changed = {
            key: image.with_data(self.changed(image.data.to(torch.float32), params["amount"]))
            for key, image in images.items()
        }
        return {**sample, **changed}

    @abstractmethod
    def changed(self, data: Tensor, amount: float) -> Tensor:
        """Give new voxels [C, *S]; `data` stays as it is."""
