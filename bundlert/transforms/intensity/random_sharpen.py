"""RandGaussianSharpen: edges steeper than they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.gaussian import check_sigma
from bundlert.transforms.intensity.random_smooth import ranges_of
from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range
from bundlert.transforms.intensity.sharpen import sharpened

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class RandGaussianSharpen(RandomVoxels):
    """Sharpen by two drawn blurs and a drawn strength, the same for all keys: see GaussianSharpen.

    Deviations are in voxels. The first ones are ranges, (low, high), or a number for 0..number. Of the second ones, a
    number alone goes up to what was drawn for the first, or down where that is less.

    Args:
        keys: Images to sharpen.
        sigma1_x: The range of the first blur's deviation along the first axis.
        sigma1_y: The same along the second axis.
        sigma1_z: The same along the third, where there is one.
        sigma2_x: The range of the second blur's deviation along the first axis.
        sigma2_y: The same along the second axis.
        sigma2_z: The same along the third.
        alpha: The range of the strength: (low, high), or a number for 0..number.
        approx: `erf`, `sampled` or `scalespace`: how weights are found.
        prob: How often anything is changed.

    Raises:
        ValueError: A range is none or negative, or `approx` isn't known.
    """

    def __init__(
        self,
        keys: Keys,
        sigma1_x: float | Sequence[float] = (0.5, 1.0),
        sigma1_y: float | Sequence[float] = (0.5, 1.0),
        sigma1_z: float | Sequence[float] = (0.5, 1.0),
        *,
        sigma2_x: float | Sequence[float] = 0.5,
        sigma2_y: float | Sequence[float] = 0.5,
        sigma2_z: float | Sequence[float] = 0.5,
        alpha: float | Sequence[float] = (10.0, 30.0),
        approx: str = "erf",
        prob: float = 0.1,
    ) -> None:
        super().__init__(keys, prob)
        self.first = ranges_of("sigma1", (sigma1_x, sigma1_y, sigma1_z), approx)
        second = {"sigma2_x": sigma2_x, "sigma2_y": sigma2_y, "sigma2_z": sigma2_z}
        self.second = [_lowest_or_range(name, one, approx) for name, one in second.items()]
        self.alpha, self.approx = as_range("alpha", alpha, 0.0), approx

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"sigma1": of three axes, "sigma2": of three axes, "alpha": the strength}."""
        first = [float(rng.uniform(*one)) for one in self.first]
        second = [
            float(rng.uniform(*(one if isinstance(one, tuple) else sorted((one, upto)))))
            for one, upto in zip(self.second, first, strict=True)
        ]
        return {"sigma1": first, "sigma2": second, "alpha": float(rng.uniform(*self.alpha))}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Sharpen the voxels."""
        axes = data.ndim - 1
        return sharpened(data, params["sigma1"][:axes], params["sigma2"][:axes], params["alpha"], self.approx)


def _lowest_or_range(name: str, given: float | Sequence[float], approx: str) -> float | tuple[float, float]:
    check_sigma(name, given, approx)
    return float(given) if isinstance(given, (int, float)) else as_range(name, given)
