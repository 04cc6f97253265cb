from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from scipy.integrate import quad
from scipy.special import ive
from scipy.stats import norm

from bundlert.transforms.intensity.gaussian import APPROXIMATIONS, blurred, check_sigma, weights_of


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0, 3.3])
@pytest.mark.parametrize("approx", APPROXIMATIONS)
def test_weights_add_up_to_1_and_fall(sigma, approx):
    weights = weights_of(sigma, approx)
    assert weights[0] + 2 * sum(weights[1:]) == pytest.approx(1)
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == int(max(4 * sigma, 0.5) + 0.5) + 1


def test_erf_integrates_over_voxels():
    steps = range(7)
    integrals = np.array([quad(norm(scale=1.5).pdf, step - 0.5, step + 0.5)[0] for step in steps])
    np.testing.assert_allclose(weights_of(1.5), integrals / (integrals[0] + 2 * integrals[1:].sum()), rtol=1e-6)


def test_scalespace_is_the_discrete_gaussian():
    np.testing.assert_allclose(weights_of(1.5, "scalespace"), ive(np.arange(7), 1.5**2), rtol=1e-3)


@pytest.mark.parametrize("shape", [(40,), (20, 30), (12, 14, 10), (3, 2, 3)])
@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5])
def test_sampled_is_the_filter_of_scipy_with_zeros_outside(shape, sigma):
    data = np.random.default_rng(0).normal(size=(2, *shape))
    expected = [ndimage.gaussian_filter(part, sigma, mode="constant") for part in data]
    np.testing.assert_allclose(blurred(torch.from_numpy(data), sigma, "sampled"), expected, atol=1e-12)


@pytest.mark.parametrize("approx", APPROXIMATIONS)
def test_the_other_weights_are_correlated_likewise(approx):
    data = np.random.default_rng(0).normal(size=(9, 8))
    expected = data
    for axis, sigma in ((0, 1.2), (1, 0.6)):
        half = weights_of(sigma, approx)
        expected = ndimage.correlate1d(expected, half[:0:-1] + half, axis, mode="constant")
    np.testing.assert_allclose(blurred(torch.from_numpy(data)[None], [1.2, 0.6], approx)[0], expected, atol=1e-12)


def test_a_sigma_of_0_leaves_an_axis_alone():
    data = torch.rand(1, 5, 6)
    one_axis = blurred(data, [0, 1.0])
    torch.testing.assert_close(one_axis[0, 2], blurred(data[:, 2], 1.0)[0])
    still = blurred(data, 0.0)
    assert torch.equal(still, data)
    assert still.data_ptr() != data.data_ptr()


def test_there_is_a_sigma_for_each_axis():
    with pytest.raises(ValueError, match=r"sigma must be one number or one for each of 2 axes, got \[1.0\]"):
        blurred(torch.zeros(1, 3, 3), [1.0])


def test_arguments_are_checked():
    check_sigma("sigma", [0.0, 1.0], "erf")
    with pytest.raises(ValueError, match="sigma must be >= 0 voxels, got -1"):
        check_sigma("sigma", -1, "erf")
    with pytest.raises(ValueError, match="approx must be one of erf, sampled, scalespace, got 'box'"):
        check_sigma("sigma", 1, "box")
