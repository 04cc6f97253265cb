from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.transforms.intensity.random_histogram_shift import RandHistogramShift, mapped

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


@given(st.integers(0, 10_000), st.integers(3, 20))
def test_the_curve_is_the_interpolation_of_numpy(seed, count):
    points = RandHistogramShift("image", count, 1).draw({}, np.random.default_rng(seed))["points"]
    low, high = float(DATA.min()), float(DATA.max())
    expected = np.interp(DATA, np.linspace(low, high, count), np.array(points) * (high - low) + low)
    np.testing.assert_allclose(mapped(torch.from_numpy(DATA), points), expected, atol=2e-3)


def test_points_move_between_their_neighbours_and_ends_stay():
    rng = np.random.default_rng(0)
    transform = RandHistogramShift("image", (4, 6), 1)
    drawn = [transform.draw({}, rng)["points"] for _ in range(200)]
    assert {len(points) for points in drawn} == {4, 5, 6}
    for points in drawn:
        assert points == sorted(points)
        assert (points[0], points[-1]) == (0, 1)


def test_points_in_a_line_change_nothing(drawn):
    result = drawn(RandHistogramShift("image"), DATA, {"points": [0, 0.25, 0.5, 0.75, 1]})
    np.testing.assert_allclose(result, DATA, atol=2e-3)


def test_a_constant_stays_and_nan_stays(drawn):
    assert (drawn(RandHistogramShift("image"), torch.full((1, 4), 7), {"points": [0, 0.9, 1]}) == 7).all()
    data = torch.tensor([[np.nan, 0.0, 1.0, 2.0]])
    result = drawn(RandHistogramShift("image"), data, {"points": [0, 0.9, 1]})
    np.testing.assert_allclose(result, [[np.nan, 0, 1.8, 2]], rtol=1e-6)


@pytest.mark.parametrize("points", [2, (2, 5), (5, 4), (3, 4, 5)])
def test_control_points_are_checked(points):
    with pytest.raises(ValueError, match=r"num_control_points must be a number >= 3 or \(least, most\), got"):
        RandHistogramShift("image", points)
