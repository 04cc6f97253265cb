"""RandGaussianSmooth: a little out of focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.gaussian import blurred, check_sigma
from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandGaussianSmooth(RandomVoxels):
    """Blur with a Gaussian whose standard deviation is drawn for each axis, the same for all keys: see GaussianSmooth.

    Args:
        keys: Images to blur.
        sigma_x: The range of the deviation along the first axis, in voxels: (low, high), or a number for 0..number.
        sigma_y: The same along the second axis.
        sigma_z: The same along the third, where there is one.
        approx: `erf`, `sampled` or `scalespace`: how weights are found.
        prob: How often anything is changed.

    Raises:
        ValueError: A range is none or negative, or `approx` isn't known.
    """

    def __init__(
        self,
        keys: Keys,
        sigma_x: float | Sequence[float] = (0.25, 1.5),
        sigma_y: float | Sequence[float] = (0.25, 1.5),
        sigma_z: float | Sequence[float] = (0.25, 1.5),
        *,
        approx: str = "erf",
        prob: float = 0.1,
    ) -> None:
        super().__init__(keys, prob)
        self.sigmas = ranges_of("sigma", (sigma_x, sigma_y, sigma_z), approx)
        self.approx = approx

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"sigma": the deviation along each of three axes}."""
        return {"sigma": [float(rng.uniform(*one)) for one in self.sigmas]}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Blur the voxels."""
        return blurred(data, params["sigma"][: data.ndim - 1], self.approx)


def ranges_of(name: str, given: Sequence[float | Sequence[float]], approx: str) -> list[tuple[float, float]]:
    """The ranges of the deviations along x, y and z; a number stands for 0..number.

    Raises:
        ValueError: One is no range or negative, or `approx` isn't known.
    """
    ranges = [as_range(f"{name}_{axis}", one, 0.0) for axis, one in zip("xyz", given, strict=True)]
    for axis, one in zip("xyz", ranges, strict=True):
        check_sigma(f"{name}_{axis}", one, approx)
    return ranges
