from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bundlert.transforms.intensity.scale import ScaleIntensity


@pytest.mark.parametrize("shape", [(1, 7, 6), (2, 5, 4, 3)])
@pytest.mark.parametrize("channel_wise", [False, True])
def test_least_and_greatest_become_the_ends(changed, shape, channel_wise):
    data = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    axes = tuple(range(1, len(shape))) if channel_wise else None
    low, high = data.min(axis=axes, keepdims=True), data.max(axis=axes, keepdims=True)
    result = changed(ScaleIntensity("image", -1, 3, channel_wise=channel_wise), data)
    np.testing.assert_allclose(result, (data - low) / (high - low) * 4 - 1, atol=1e-6)


@given(data=arrays.arrays(np.float32, (1, 3, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_the_ends_are_reached_exactly(changed, data):
    result = changed(ScaleIntensity("image"), data)
    assert result.min() == 0
    assert result.max() == (data.max() > data.min())


@pytest.mark.parametrize("dtype", [torch.int16, torch.uint8, torch.float16])
def test_integers_and_halves(changed, dtype):
    assert changed(ScaleIntensity("image"), torch.tensor([[3, 4, 7]], dtype=dtype)).tolist() == [[0, 0.25, 1]]


def test_a_constant_becomes_the_lower_end(changed):
    assert (changed(ScaleIntensity("image", -2, 5), torch.full((1, 3, 3), 7.0)) == -2).all()


def test_what_is_not_finite_does_not_count(changed):
    result = changed(ScaleIntensity("image"), torch.tensor([[np.nan, 1.0, 3.0, np.inf]]))
    np.testing.assert_equal(result, [[np.nan, 0, 1, np.inf]])


def test_a_factor_multiplies(changed):
    result = changed(ScaleIntensity("image", None, None, factor=0.5), torch.tensor([[2, -4]], dtype=torch.int16))
    assert result.tolist() == [[3, -6]]


@pytest.mark.parametrize("given", [(None, None, None), (0, 1, 0.5), (None, 1, None), (0, None, 0.5)])
def test_a_range_or_a_factor_must_be_given(given):
    message = f"minv and maxv must be given, or else factor, got {given[0]}, {given[1]} and {given[2]}"
    with pytest.raises(ValueError, match=message):
        ScaleIntensity("image", *given)


def test_a_range_is_in_order():
    with pytest.raises(ValueError, match="minv must be <= maxv, got 2 and 1"):
        ScaleIntensity("image", 2, 1)
