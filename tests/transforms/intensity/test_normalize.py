from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.transforms.intensity.normalize import NormalizeIntensity

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)
DATA[DATA < 0] = 0


def plain(data, nonzero):
    mask = data != 0 if nonzero else np.ones(data.shape, bool)
    result = data.astype(np.float64)
    result[mask] = (result[mask] - result[mask].mean()) / result[mask].std()
    return result


@pytest.mark.parametrize("nonzero", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.float16])
def test_mean_and_deviation_of_the_image_become_0_and_1(changed, nonzero, dtype):
    data = DATA.astype(dtype)
    np.testing.assert_allclose(
        changed(NormalizeIntensity("image", nonzero=nonzero), data), plain(data, nonzero), atol=1e-5
    )


@pytest.mark.parametrize("nonzero", [False, True])
def test_each_channel_for_itself(changed, nonzero):
    result = changed(NormalizeIntensity("image", nonzero=nonzero, channel_wise=True), DATA)
    np.testing.assert_allclose(result, [plain(part, nonzero) for part in DATA], atol=1e-5)


@given(offset=st.floats(-1000, 1000), factor=st.floats(0.1, 1000))
def test_units_do_not_matter(changed, offset, factor):
    data = torch.from_numpy(DATA[:, 0])
    one, other = (changed(NormalizeIntensity("image"), given) for given in (data, data * factor + offset))
    np.testing.assert_allclose(one, other, atol=0.01)


def test_given_values_take_the_place_of_both(changed):
    data = torch.tensor([[1.0, 3.0], [5.0, 0.0]])
    assert changed(NormalizeIntensity("image", 1, 2), data).tolist() == [[0, 1], [2, -0.5]]
    assert changed(NormalizeIntensity("image", 1, 2, nonzero=True), data).tolist() == [[0, 1], [2, 0]]
    one_each = NormalizeIntensity("image", [1, 5], [1, 10], channel_wise=True)
    assert changed(one_each, data).tolist() == [[0, 2], [0, -0.5]]


def test_only_the_missing_one_is_computed(changed):
    data = torch.tensor([[1.0, 3.0]])
    assert changed(NormalizeIntensity("image", subtrahend=0), data).tolist() == [[1, 3]]
    assert changed(NormalizeIntensity("image", divisor=4), data).tolist() == [[-0.25, 0.25]]


@pytest.mark.parametrize("value", [0, 0.1, -1024.7])
def test_a_constant_becomes_0(changed, value):
    assert (changed(NormalizeIntensity("image"), torch.full((2, 30, 40), value)) == 0).all()


def test_an_image_of_zeros_stays_so(changed):
    assert (changed(NormalizeIntensity("image", nonzero=True), torch.zeros(1, 3, 3)) == 0).all()


def test_nan_stays_and_does_not_count(changed):
    result = changed(NormalizeIntensity("image"), torch.tensor([[np.nan, 1.0, 3.0]]))
    np.testing.assert_equal(result, [[np.nan, -1, 1]])


def test_lists_are_for_channels():
    with pytest.raises(ValueError, match=r"subtrahend must be one number without channel_wise, got \[1, 2\]"):
        NormalizeIntensity("image", [1, 2])


@pytest.mark.parametrize("divisor", [0, [1, 0]])
def test_nothing_is_divided_by_0(divisor):
    with pytest.raises(ValueError, match="divisor must not be 0, got"):
        NormalizeIntensity("image", divisor=divisor, channel_wise=True)


def test_a_list_has_a_number_for_each_channel(picture):
    transform = NormalizeIntensity("image", [1, 2, 3], channel_wise=True)
    with pytest.raises(ValueError, match=r"subtrahend must have one number for each of 2 channels, got \[1, 2, 3\]"):
        transform({"image": picture(torch.zeros(2, 3, 3))})
