from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from bundlert.transforms.intensity import median
from bundlert.transforms.intensity.median import MedianSmooth


@pytest.mark.parametrize("radius", [0, 1, 2])
@pytest.mark.parametrize("shape", [(30,), (9, 12), (6, 7, 8), (1, 2, 3)])
def test_medians_are_those_of_scipy(changed, shape, radius):
    data = np.random.default_rng(0).normal(3, 1, size=(2, *shape)).astype(np.float32)
    expected = [ndimage.median_filter(part, 2 * radius + 1, mode="nearest") for part in data]
    np.testing.assert_array_equal(changed(MedianSmooth("image", radius), data), expected)


def test_each_axis_may_have_a_radius_and_parts_fit_together(changed, monkeypatch):
    monkeypatch.setattr(median, "_AT_ONCE", 100)
    data = np.random.default_rng(0).integers(-100, 100, size=(1, 11, 6, 8)).astype(np.int16)
    expected = ndimage.median_filter(data[0], (3, 1, 5), mode="nearest")
    np.testing.assert_array_equal(changed(MedianSmooth("image", [1, 0, 2]), data)[0], expected)


@given(data=arrays.arrays(np.float32, (1, 4, 5), elements=st.floats(-9, 9, width=32)))
def test_small_images_of_any_values(changed, data):
    result = changed(MedianSmooth("image"), data)
    np.testing.assert_array_equal(result[0], ndimage.median_filter(data[0], 3, mode="nearest"))


def test_a_box_with_a_nan_gives_nan(changed):
    data = torch.ones(1, 5, 6)
    data[0, 1, 1] = torch.nan
    result = changed(MedianSmooth("image"), data)[0]
    assert np.isnan(result[:3, :3]).all()
    assert not np.isnan(result[3:]).any()
    assert not np.isnan(result[:, 3:]).any()


def test_radii_are_checked(picture):
    with pytest.raises(ValueError, match="radius must be >= 0 voxels, got -1"):
        MedianSmooth("image", -1)
    with pytest.raises(ValueError, match=r"radius must be one number or one for each of 2 axes, got \[1, 1, 1\]"):
        MedianSmooth("image", [1, 1, 1])({"image": picture(torch.zeros(1, 3, 3))})
