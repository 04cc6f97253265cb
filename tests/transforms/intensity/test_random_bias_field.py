from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from numpy.polynomial.legendre import leggrid2d
from scipy.special import eval_legendre

from bundlert.transforms.intensity.random_bias_field import RandBiasField, shade


@pytest.mark.parametrize("shape", [(6, 9), (5, 7, 4)])
@pytest.mark.parametrize("degree", [1, 3])
def test_the_shade_is_a_sum_of_products_of_legendre_polynomials(shape, degree):
    rng = np.random.default_rng(0)
    degrees = [one for one in product(range(degree + 1), repeat=len(shape)) if sum(one) <= degree]
    coefficients = rng.normal(size=len(degrees))
    places = np.meshgrid(*(np.linspace(-1, 1, size) for size in shape), indexing="ij")
    total = sum(
        factor * np.prod([eval_legendre(n, place) for n, place in zip(one, places, strict=True)], axis=0)
        for one, factor in zip(degrees, coefficients, strict=True)
    )
    np.testing.assert_allclose(shade(coefficients, degree, shape), np.exp(total), rtol=1e-4)


def test_it_is_the_grid_of_numpy_too():
    table = np.zeros((3, 3))
    table[0, 0], table[0, 1], table[0, 2], table[1, 0], table[1, 1], table[2, 0] = 0.1, 0.2, 0.3, 0.4, 0.5, 0.6
    places = np.linspace(-1, 1, 5), np.linspace(-1, 1, 8)
    field = shade([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 2, (5, 8))
    np.testing.assert_allclose(field, np.exp(leggrid2d(*places, table)), rtol=1e-5)


def test_all_channels_are_multiplied(drawn):
    data = torch.arange(60, dtype=torch.int16).view(2, 5, 6)
    params = {"coefficients": [0.3, -0.2, 0.1]}
    expected = data.numpy() * shade(params["coefficients"], 1, (5, 6)).numpy()
    np.testing.assert_allclose(drawn(RandBiasField("image", 1), data, params), expected, rtol=1e-6)


def test_coefficients_of_0_change_nothing(drawn):
    data = torch.rand(1, 5, 6, 4)
    np.testing.assert_array_equal(drawn(RandBiasField("image", 2), data, {"coefficients": [0.0] * 10}), data)


@pytest.mark.parametrize(("shape", "count"), [((1, 4, 4), 10), ((1, 4, 4, 4), 20)])
def test_there_is_a_coefficient_for_each_product(picture, shape, count):
    params = RandBiasField("image", 3, (0.2, 0.4), 1).draw(
        {"image": picture(torch.zeros(shape))}, np.random.default_rng(0)
    )
    assert len(params["coefficients"]) == count
    assert all(0.2 <= one <= 0.4 for one in params["coefficients"])


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="degree must be >= 1, got 0"):
        RandBiasField("image", 0)
    with pytest.raises(ValueError, match=r"coeff_range must be a number >= 0 or \(low, high\), got \(1, 0\)"):
        RandBiasField("image", 1, (1, 0))
    with pytest.raises(ValueError, match="coefficients must be 3 for 2 axes, got 2"):
        shade([0.1, 0.2], 1, (4, 4))
