"""RandGibbsNoise: ringing at edges, as where an MR scan ends too early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandGibbsNoise(RandomVoxels):
    """Leave out high frequencies: those further than (1 - alpha) * sqrt(2) / 2 times the longest axis from frequency 0.

    The distance is in steps of the spectrum [*S] of each channel. With alpha 0 an image of two axes stays as it is; one
    of three axes loses the corners of its spectrum. With alpha 1 each channel becomes its mean. The result is float32;
    an image with a voxel that isn't finite becomes NaN.

    Args:
        keys: Images to change.
        prob: How often anything is changed.
        alpha: The range of alpha: (low, high) in 0..1, or a number for 0..number.

    Raises:
        ValueError: `alpha` doesn't lie in 0..1.
    """

    def __init__(self, keys: Keys, prob: float = 0.1, alpha: float | Sequence[float] = (0.0, 1.0)) -> None:
        super().__init__(keys, prob)
        self.alpha = as_range("alpha", alpha, 0.0)
        if self.alpha[0] < 0 or self.alpha[1] > 1:
            raise ValueError(f"alpha must lie in 0..1, got {alpha}")

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"alpha": how much is left out}."""
        return {"alpha": float(rng.uniform(*self.alpha))}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Cut the spectrum off."""
        return cut_off(data, (1 - params["alpha"]) * max(data.shape[1:]) * 2**0.5 / 2)


def cut_off(data: Tensor, radius: float) -> Tensor:
    """Voxels [C, *S] whose spectra [*S] are 0 further than `radius` steps from frequency 0."""
    axes, shape = tuple(range(1, data.ndim)), data.shape[1:]
    spectrum = torch.fft.rfftn(data, dim=axes)
    square = torch.zeros((), device=data.device)
    for axis, (size, kept) in enumerate(zip(shape, spectrum.shape[1:], strict=True)):
        steps = torch.arange(kept, device=data.device)
        steps = torch.minimum(steps, size - steps).to(torch.float32)  # the second half are negative frequencies
        square = square + steps.square().view(-1, *[1] * (len(shape) - 1 - axis))
    new: Tensor = torch.fft.irfftn(spectrum.mul_(square <= radius**2), s=shape, dim=axes)
    return new
