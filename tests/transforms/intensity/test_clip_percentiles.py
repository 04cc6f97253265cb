from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.clip import softly_clipped
from bundlert.transforms.intensity.clip_percentiles import ClipIntensityPercentiles

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
@pytest.mark.parametrize(("lower", "upper"), [(2, 90), (None, 90), (2, None)])
def test_values_beyond_percentiles_become_them(changed, dtype, lower, upper):
    data = DATA.astype(dtype)
    low = None if lower is None else np.percentile(data.astype(np.float64), lower)
    high = None if upper is None else np.percentile(data.astype(np.float64), upper)
    result = changed(ClipIntensityPercentiles("image", lower, upper), data)
    np.testing.assert_allclose(result, data.clip(low, high), rtol=1e-6)


def test_each_channel_for_itself(changed):
    result = changed(ClipIntensityPercentiles("image", 10, 90, channel_wise=True), DATA)
    alone = [changed(ClipIntensityPercentiles("image", 10, 90), DATA[index : index + 1])[0] for index in range(2)]
    np.testing.assert_array_equal(result, alone)


def test_a_soft_clip_bends_at_the_percentiles(changed):
    result = changed(ClipIntensityPercentiles("image", 10, 90, sharpness_factor=0.1), DATA)
    low, high = np.percentile(DATA.astype(np.float64), (10, 90))
    np.testing.assert_allclose(result, softly_clipped(torch.from_numpy(DATA), low, high, 0.1), rtol=1e-5)


def test_nan_stays_and_does_not_count(changed):
    result = changed(ClipIntensityPercentiles("image", 0, 50), torch.tensor([[np.nan, 1, 2, 3]]))
    np.testing.assert_equal(result, [[np.nan, 1, 2, 2]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "lower or upper must be given, got None and None"),
        ({"lower": 50, "upper": 40}, "lower and upper must lie in 0..100, the lower one first, got 50 and 40"),
        ({"lower": 5, "sharpness_factor": 0}, "sharpness_factor must be > 0, got 0"),
    ],
)
def test_percentiles_and_sharpness_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClipIntensityPercentiles("image", **arguments)
