from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_std_shift import RandStdShiftIntensity

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


def test_a_part_of_the_deviation_is_added(drawn):
    result = drawn(RandStdShiftIntensity("image", 0.5), DATA, {"amount": 0.25})
    np.testing.assert_allclose(result, DATA + 0.25 * DATA.std(), rtol=1e-5, atol=1e-3)


def test_each_channel_for_itself(drawn):
    result = drawn(RandStdShiftIntensity("image", 0.5, channel_wise=True), DATA, {"amount": -1})
    np.testing.assert_allclose(result, DATA - DATA.std(axis=(1, 2, 3), keepdims=True), rtol=1e-5, atol=1e-3)


def test_zeros_may_stay(drawn):
    data = DATA.clip(0)
    expected = np.where(data == 0, 0, data + 2 * data[data != 0].std())
    result = drawn(RandStdShiftIntensity("image", 2, nonzero=True), data, {"amount": 2})
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-3)


def test_a_constant_stays(drawn):
    assert (drawn(RandStdShiftIntensity("image", 1), torch.full((1, 3, 3), 7), {"amount": 1}) == 7).all()


def test_factors_are_a_range():
    with pytest.raises(ValueError, match=r"factors must be a number or \(low, high\), got \(1, 0\)"):
        RandStdShiftIntensity("image", (1, 0))
