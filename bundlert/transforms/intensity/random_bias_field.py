"""RandBiasField: a smooth shade over the image, as of an MR coil."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.polynomial.legendre import legvander

from bundlert.transforms.base import Keys, Params, Sample, image_of
from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range

if TYPE_CHECKING:
    from torch import Tensor


class RandBiasField(RandomVoxels):
    """Multiply by exp(p(x)), p a polynomial of the place, the same for all keys and channels. The result is float32.

    p is a sum of products of Legendre polynomials of the coordinates, which run from -1 to 1 along each axis, up to a
    total degree (Van Leemput et al. 1999; Sudre et al. 2017).

    Args:
        keys: Images to change.
        degree: The greatest total degree of p, >= 1.
        coeff_range: The range of the coefficients: (low, high), or a number for 0..number.
        prob: How often anything is changed.

    Raises:
        ValueError: `degree` is below 1, or `coeff_range` is no range.
    """

    def __init__(
        self, keys: Keys, degree: int = 3, coeff_range: float | Sequence[float] = (0.0, 0.1), prob: float = 0.1
    ) -> None:
        super().__init__(keys, prob)
        if degree < 1:
            raise ValueError(f"degree must be >= 1, got {degree}")
        self.degree, self.coeff_range = degree, as_range("coeff_range", coeff_range, 0.0)

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"coefficients": one for each product of polynomials, the degree of the last axis growing fastest}."""
        count = len(_degrees(self.degree, len(image_of(sample, self.keys[0]).shape)))
        return {"coefficients": [float(one) for one in rng.uniform(*self.coeff_range, size=count)]}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Shade the voxels."""
        return shade(params["coefficients"], self.degree, data.shape[1:]).to(data.device) * data


def shade(coefficients: Sequence[float], degree: int, shape: Sequence[int]) -> Tensor:
    """exp(p) on a grid [*S], in float32.

    Raises:
        ValueError: There is another number of coefficients than of products.
    """
    degrees = _degrees(degree, len(shape))
    if len(coefficients) != len(degrees):
        raise ValueError(f"coefficients must be {len(degrees)} for {len(shape)} axes, got {len(coefficients)}")
    table = np.zeros((degree + 1,) * len(shape))
    for place, coefficient in zip(degrees, coefficients, strict=True):
        table[place] = coefficient
    field = torch.from_numpy(table).to(torch.float32)
    for size in shape:  # the first axis of the table becomes the last of the field, so that in the end all are in order
        basis = torch.from_numpy(legvander(np.linspace(-1, 1, size), degree)).to(torch.float32)
        field = torch.tensordot(field, basis, dims=([0], [1]))
    return field.exp_()


def _degrees(degree: int, axes: int) -> list[tuple[int, ...]]:
    return [one for one in product(range(degree + 1), repeat=axes) if sum(one) <= degree]
