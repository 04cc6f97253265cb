"""RandAdjustContrast: a random gamma curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.contrast import bent
from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandAdjustContrast(RandomVoxels):
    """Bend values by a gamma curve, the same gamma for all keys: see AdjustContrast.

    Args:
        keys: Images to change.
        prob: How often anything is changed.
        gamma: The range of gamma: (low, high), or a number for 0.5..number.
        invert_image: Whether the curve is that of the negative image.
        retain_stats: Whether the image keeps its mean and standard deviation.

    Raises:
        ValueError: `gamma` is no range, or reaches 0.
    """

    def __init__(
        self,
        keys: Keys,
        prob: float = 0.1,
        gamma: float | Sequence[float] = (0.5, 4.5),
        invert_image: bool = False,
        retain_stats: bool = False,
    ) -> None:
        super().__init__(keys, prob)
        self.gamma = as_range("gamma", gamma, 0.5)
        if self.gamma[0] <= 0:
            raise ValueError(f"gamma must be > 0, got {gamma}")
        self.invert_image, self.retain_stats = invert_image, retain_stats

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"gamma": the exponent}."""
        return {"gamma": float(rng.uniform(*self.gamma))}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Bend the values."""
        return bent(data, params["gamma"], invert_image=self.invert_image, retain_stats=self.retain_stats)
