"""What the random steps on voxels share: they happen with a probability, and alike for all keys."""

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


class RandomVoxels(RandomTransform):
    """Change the voxels of all keys as drawn, or leave them.

    Args:
        keys: Images to change.
        prob: How often anything is changed.

    Raises:
        ValueError: `prob` is no probability.
    """

    def __init__(self, keys: Keys, prob: float) -> None:
        super().__init__(keys)
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must lie in 0..1, got {prob}")
        self.prob = prob

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give what `drawn` decides, or {} where nothing changes."""
        return self.drawn(sample, rng) if rng.random() < self.prob else {}

    def apply(self, sample: Sample, params: Params) -> Sample:
        """Change the voxels of all keys."""
        if not params:
            return sample
        images = {key: realize(image_of(sample, key)) for key in self.keys}
        changed = {
            key: image.with_data(self.changed(image.data.to(torch.float32), params)) for key, image in images.items()
        }
        return {**sample, **changed}

    @abstractmethod
    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Decide by chance how to change the voxels: plain values, at least one."""

    @abstractmethod
    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Give new voxels [C, *S] in float32; `data` [C, *S], float32 too, stays as it is."""


def as_range(name: str, given: float | Sequence[float], default_low: float | None = None) -> tuple[float, float]:
    """A range given as (low, high), or as a number for -number..number, or default_low..number.

    Raises:
        ValueError: It isn't two numbers in order.
    """
    if isinstance(given, (int, float)):
        ends: tuple[float, ...] = (-abs(given), abs(given)) if default_low is None else (default_low, given)
    else:
        ends = tuple(given)
    if len(ends) != 2 or not ends[0] <= ends[1]:
        least = "" if default_low is None else f" >= {default_low:g}"
        raise ValueError(f"{name} must be a number{least} or (low, high), got {given}")
    return ends[0], ends[1]
