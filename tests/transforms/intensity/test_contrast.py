from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.contrast import AdjustContrast

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


def plain(data, gamma):
    data = data.astype(np.float64)
    low, high = data.min(), data.max()
    return ((data - low) / (high - low)) ** gamma * (high - low) + low


@pytest.mark.parametrize("gamma", [0.3, 1, 2.5])
@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_the_curve_runs_between_least_and_greatest(changed, gamma, dtype):
    data = DATA.astype(dtype)
    np.testing.assert_allclose(changed(AdjustContrast("image", gamma), data), plain(data, gamma), atol=1e-3)


def test_the_negative_image_can_be_bent(changed):
    result = changed(AdjustContrast("image", 2.0, invert_image=True), DATA)
    np.testing.assert_allclose(result, -plain(-DATA, 2.0), atol=1e-3)


def test_mean_and_deviation_can_be_kept(changed):
    result = changed(AdjustContrast("image", 2.0, retain_stats=True), DATA).astype(np.float64)
    np.testing.assert_allclose((result.mean(), result.std()), (DATA.mean(), DATA.std()), rtol=1e-4)
    bent = plain(DATA, 2.0)
    np.testing.assert_allclose(np.corrcoef(result.ravel(), bent.ravel())[0, 1], 1, atol=1e-6)


@pytest.mark.parametrize("retain_stats", [False, True])
def test_a_constant_stays_and_so_does_nan(changed, retain_stats):
    transform = AdjustContrast("image", 2.0, retain_stats=retain_stats)
    assert (changed(transform, torch.full((1, 3, 3), 7.0)) == 7).all()
    np.testing.assert_equal(
        changed(AdjustContrast("image", 2.0), torch.tensor([[np.nan, 0, 1, 2]])), [[np.nan, 0, 0.5, 2]]
    )


@pytest.mark.parametrize("gamma", [0, -1])
def test_gamma_is_above_0(gamma):
    with pytest.raises(ValueError, match=f"gamma must be > 0, got {gamma}"):
        AdjustContrast("image", gamma)
