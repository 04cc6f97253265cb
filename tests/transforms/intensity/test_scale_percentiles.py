from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.scale_percentiles import ScaleIntensityRangePercentiles

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.float16])
@pytest.mark.parametrize("channel_wise", [False, True])
@pytest.mark.parametrize("clip", [False, True])
def test_percentiles_become_the_ends(changed, dtype, channel_wise, clip):
    data = DATA.astype(dtype)
    transform = ScaleIntensityRangePercentiles("image", 2, 90, -1, 3, clip=clip, channel_wise=channel_wise)
    axes = (1, 2, 3) if channel_wise else None
    low, high = np.percentile(data.astype(np.float64), (2, 90), axis=axes, keepdims=True)
    expected = (data - low) / (high - low) * 4 - 1
    np.testing.assert_allclose(changed(transform, data), expected.clip(-1, 3) if clip else expected, atol=2e-6)


def test_relative_ends_are_percentiles_of_the_range(changed):
    transform = ScaleIntensityRangePercentiles("image", 25, 75, 0, 200, relative=True)
    assert changed(transform, torch.arange(5.0)[None]).tolist() == [[0, 50, 100, 150, 200]]


def test_a_constant_becomes_the_lower_end_and_keeps_distances(changed):
    transform = ScaleIntensityRangePercentiles("image", 10, 90, 2, 5)
    data = torch.full((1, 10, 10), 7.0)
    data[0, 0, 0] = 9
    result = changed(transform, data)
    assert result[0, 0, 0] == 4
    assert (result.ravel()[1:] == 2).all()


def test_a_tiny_range_is_scaled_too(changed):
    transform = ScaleIntensityRangePercentiles("image", 0, 100)
    assert changed(transform, torch.tensor([[1e-40, 3e-40]])).tolist() == [[0, 1]]


def test_nan_stays_and_does_not_count(changed):
    transform = ScaleIntensityRangePercentiles("image", 0, 100)
    np.testing.assert_equal(changed(transform, torch.tensor([[np.nan, 1, 2, 3]])), [[np.nan, 0, 0.5, 1]])


def test_percents_and_ends_are_in_order():
    with pytest.raises(ValueError, match=r"lower and upper must lie in 0..100, the lower one first, got 90 and 10"):
        ScaleIntensityRangePercentiles("image", 90, 10)
    with pytest.raises(ValueError, match="b_min must be <= b_max, got 1 and 0"):
        ScaleIntensityRangePercentiles("image", 10, 90, 1, 0)
