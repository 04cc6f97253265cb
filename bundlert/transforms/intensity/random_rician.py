"""RandRicianNoise: noise as of an MR scanner that shows magnitudes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.noise import drawn_seed, normal_field
from bundlert.transforms.intensity.random_voxels import RandomVoxels
from bundlert.transforms.intensity.spread import mean_and_std
from bundlert.transforms.intensity.voxels import in_parts

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandRicianNoise(RandomVoxels):
    """Give sqrt((v + a) ** 2 + b ** 2), a and b from N(mean, s ** 2): Gaussian noise in both parts of a complex signal.

    The result is float32; the noise is the same for all keys of one shape (Gudbjartsson and Patz 1995).

    Args:
        keys: Images to change.
        prob: How often anything is changed.
        mean: The mean of the noise, in the units of the image.
        std: The standard deviation of the noise, or the greatest.
        channel_wise: Whether, with `relative`, each channel has its own deviation.
        relative: Whether `std` is a part of the standard deviation of the image.
        sample_std: Whether s is drawn from 0..std, rather than `std` itself.

    Raises:
        ValueError: `std` is negative.
    """

    def __init__(
        self,
        keys: Keys,
        prob: float = 0.1,
        mean: float = 0.0,
        std: float = 1.0,
        *,
        channel_wise: bool = False,
        relative: bool = False,
        sample_std: bool = True,
    ) -> None:
        super().__init__(keys, prob)
        if std < 0:
            raise ValueError(f"std must be >= 0, got {std}")
        self.mean, self.std, self.sample_std = mean, std, sample_std
        self.channel_wise, self.relative = channel_wise, relative

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"std": the deviation, "seed": of the fields}."""
        return {"std": float(rng.uniform(0, self.std)) if self.sample_std else self.std, "seed": drawn_seed(rng)}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Add the noise to both parts, and give the magnitude."""
        real, imaginary = normal_field(params["seed"], (2, *data.shape), data.device)
        scale = params["std"] * (self._deviation(data) if self.relative else 1.0)
        for part in (real, imaginary):
            part.mul_(scale).add_(self.mean)
        square: Tensor = real.add_(data).square_().addcmul_(imaginary, imaginary)
        return square.sqrt_()

    def _deviation(self, data: Tensor) -> Tensor:
        """The standard deviation of the image or of each channel, in the shape of a factor."""
        found = in_parts(data, self.channel_wise, lambda part: part.new_tensor([mean_and_std(part)[1]]))
        return found.view(-1, *[1] * (data.ndim - 1))
