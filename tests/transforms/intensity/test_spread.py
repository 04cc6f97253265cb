from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.spread import extremes, is_finite, mean_and_std


def test_extremes_are_the_least_and_greatest_value():
    assert extremes(torch.tensor([[3.0, -2.0], [7.5, 0.0]])) == (-2.0, 7.5)
    assert extremes(torch.tensor([3, -2, 7], dtype=torch.int16)) == (-2, 7)


def test_extremes_leave_out_what_is_not_finite():
    assert extremes(torch.tensor([math.nan, 3.0, math.inf, -1.0, -math.inf])) == (-1.0, 3.0)


@pytest.mark.parametrize("data", [[], [math.nan], [math.inf, -math.inf]])
def test_without_a_finite_value_all_is_zero(data):
    assert extremes(torch.tensor(data)) == (0, 0)
    assert mean_and_std(torch.tensor(data)) == (0, 0)


@pytest.mark.parametrize(("value", "finite"), [(3.0, True), (math.nan, False), (math.inf, False), (-math.inf, False)])
def test_one_value_is_enough_not_to_be_finite(value, finite):
    assert is_finite(torch.tensor([[1.0, 2.0], [value, 0.0]])) is finite
    assert is_finite(torch.zeros(0))


def test_a_large_image_has_an_exact_mean_and_deviation():
    data = torch.randint(-1024, 900, (1, 200, 150, 100), generator=torch.Generator().manual_seed(0)).to(torch.float32)
    for layout in (data, data.transpose(1, 3).contiguous().transpose(1, 3)):
        mean, std = mean_and_std(layout)
        assert mean == pytest.approx(data.double().mean().item(), rel=1e-6)
        assert std == pytest.approx(data.double().std(correction=0).item(), rel=1e-6)


def test_mean_and_deviation_are_those_of_numpy_in_float64():
    data = np.random.default_rng(0).normal(-1000, 3, size=(20, 30, 40)).astype(np.float32)
    np.testing.assert_allclose(
        mean_and_std(torch.from_numpy(data)), (data.mean(dtype=np.float64), data.std(dtype=np.float64)), rtol=1e-6
    )


def test_only_what_the_mask_chooses_counts():
    data = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    mask = data > 0.2
    found = mean_and_std(torch.from_numpy(data), torch.from_numpy(mask))
    np.testing.assert_allclose(found, (data[mask].mean(), data[mask].std()), rtol=1e-6)
    assert mean_and_std(torch.ones(3), torch.zeros(3, dtype=torch.bool)) == (0, 0)


def test_values_that_are_not_finite_do_not_count():
    data = torch.tensor([1.0, math.nan, 3.0, math.inf])
    assert mean_and_std(data) == pytest.approx((2.0, 1.0))
    assert mean_and_std(data, torch.tensor([True, True, False, True])) == (1.0, 0.0)


@pytest.mark.parametrize("value", [0.1, -1024.3, 1e30, 1e-30])
def test_a_constant_has_no_deviation_however_many_voxels(value):
    mean, std = mean_and_std(torch.full((100_003,), value))
    assert std == 0
    assert mean == pytest.approx(value)


def test_a_deviation_too_small_to_divide_by_is_none():
    data = torch.zeros(1000)
    data[3] = 1e-44
    assert mean_and_std(data)[1] == 0


def test_great_values_do_not_overflow():
    mean, std = mean_and_std(torch.tensor([1e30, 3e30]))
    assert mean == pytest.approx(2e30)
    assert std == pytest.approx(1e30)
