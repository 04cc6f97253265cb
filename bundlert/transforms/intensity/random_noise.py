"""RandGaussianNoise: noise as of a CT or a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.noise import drawn_seed, normal_field
from bundlert.transforms.intensity.random_voxels import RandomVoxels

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandGaussianNoise(RandomVoxels):
    """Add noise from N(mean, s ** 2), as float32; the same noise for all keys of one shape.

    Args:
        keys: Images to change.
        prob: How often anything is changed.
        mean: The mean of the noise, in the units of the image.
        std: The standard deviation of the noise, or the greatest.
        sample_std: Whether s is drawn from 0..std, rather than `std` itself.

    Raises:
        ValueError: `std` is negative.
    """

    def __init__(
        self, keys: Keys, prob: float = 0.1, mean: float = 0.0, std: float = 0.1, sample_std: bool = True
    ) -> None:
        super().__init__(keys, prob)
        if std < 0:
            raise ValueError(f"std must be >= 0, got {std}")
        self.mean, self.std, self.sample_std = mean, std, sample_std

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"std": the deviation, "seed": of the field}."""
        return {"std": float(rng.uniform(0, self.std)) if self.sample_std else self.std, "seed": drawn_seed(rng)}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Add the noise."""
        noise = normal_field(params["seed"], data.shape, data.device)
        torch.add(data, noise, alpha=params["std"], out=noise)
        return noise if self.mean == 0 else noise.add_(self.mean)
