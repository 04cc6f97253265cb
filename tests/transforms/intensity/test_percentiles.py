from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bundlert.transforms.intensity.percentiles import check_percents, percentiles

PERCENTS = (0, 0.5, 1, 25, 50, 99, 99.5, 100)
FLOATS = st.floats(-(2.0**100), 2.0**100, width=32)


@given(data=arrays.arrays(np.float32, st.integers(1, 60), elements=FLOATS))
def test_percentiles_of_floats_are_those_of_numpy(data):
    np.testing.assert_allclose(
        percentiles(torch.from_numpy(data), PERCENTS), np.percentile(data.astype(np.float64), PERCENTS), rtol=1e-9
    )


@given(
    data=arrays.arrays(
        st.sampled_from([np.int16, np.uint8, np.int32, np.int64]), st.integers(1, 60), elements=st.integers(0, 100)
    )
)
def test_percentiles_of_integers_are_those_of_numpy(data):
    np.testing.assert_allclose(percentiles(torch.from_numpy(data), PERCENTS), np.percentile(data, PERCENTS))


@pytest.mark.parametrize("scale", [1, 1e-40, 1e35])
def test_an_image_full_of_air_has_exact_percentiles_too(scale):
    data = np.random.default_rng(0).normal(size=(30, 40, 20)).astype(np.float32)
    data[data < 0.3] = 0
    data = (data * np.float32(scale)).astype(np.float32)
    found = percentiles(torch.from_numpy(data), PERCENTS)
    np.testing.assert_allclose(found, np.percentile(data.astype(np.float64), PERCENTS), rtol=1e-9)


def test_integers_far_apart_are_found_too():
    data = torch.tensor([-(2**40), 0, 2**40])
    assert percentiles(data, [0, 50, 100]) == [-(2**40), 0, 2**40]


def test_float16_and_float64_and_parts_in_memory():
    data = torch.arange(24.0).view(4, 6)
    assert percentiles(data.to(torch.float16), [50]) == [11.5]
    assert percentiles(data.to(torch.float64), [50]) == [11.5]
    assert percentiles(data[:, ::2], [0, 100]) == [0, 22]


def test_only_finite_values_count():
    data = torch.tensor([np.nan, 1, 3, np.inf, -np.inf])
    assert percentiles(data, [0, 50, 100]) == [1, 2, 3]
    assert percentiles(torch.tensor([np.nan]), [0, 100]) == [0, 0]


def test_percents_are_in_order_and_in_their_range():
    check_percents(("lower", 0), ("upper", 100))
    check_percents(("lower", None), ("upper", 3))
    with pytest.raises(ValueError, match=r"lower and upper must lie in 0..100, the lower one first, got 5 and 5"):
        check_percents(("lower", 5), ("upper", 5))
    with pytest.raises(ValueError, match=r"upper must lie in 0..100, the lower one first, got 101"):
        check_percents(("lower", None), ("upper", 101))
