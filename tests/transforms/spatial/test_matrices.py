from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from bundlert.transforms.spatial.matrices import affine, drawn, filled, rotation

angle = st.floats(-4, 4)
small = st.floats(-0.5, 0.5)


@given(st.tuples(angle, angle, angle))
def test_in_3d_it_is_scipys_rotation_about_the_moving_axes(angles):
    np.testing.assert_allclose(rotation(angles, 3), Rotation.from_euler("XYZ", angles).as_matrix(), atol=1e-12)


@given(angle)
def test_in_2d_it_is_that_about_the_third_axis(one):
    np.testing.assert_allclose(rotation([one], 2), Rotation.from_euler("z", one).as_matrix()[:2, :2], atol=1e-12)


def test_angles_that_are_left_out_are_0():
    np.testing.assert_array_equal(rotation([], 3), np.eye(3))
    np.testing.assert_array_equal(rotation([0.3], 3), rotation([0.3, 0, 0], 3))


def test_an_affine_map_by_hand():
    rotate, shear, translate, scale = [0.3], [0.2, -0.1], [4.0, -5.0], [1.5, 0.5]
    turn = np.array([[np.cos(0.3), -np.sin(0.3), 0], [np.sin(0.3), np.cos(0.3), 0], [0, 0, 1]])
    first_axis, second_axis = (
        np.array([[1, 0.2, 0], [0, 1, 0], [0, 0, 1]]),
        np.array([[1, 0, 0], [-0.1, 1, 0], [0, 0, 1]]),
    )
    move, size = np.array([[1, 0, 4], [0, 1, -5], [0, 0, 1]]), np.diag([1.5, 0.5, 1])
    expected = turn @ second_axis @ first_axis @ move @ size
    np.testing.assert_allclose(affine(2, rotate, shear, translate, scale), expected, atol=1e-12)


def test_a_shear_of_three_axes_by_hand():
    first = np.array([[1, 0.1, 0.2], [0, 1, 0], [0, 0, 1]])
    second = np.array([[1, 0, 0], [0.3, 1, 0.4], [0, 0, 1]])
    third = np.array([[1, 0, 0], [0, 1, 0], [0.5, 0.6, 1]])
    matrix = affine(3, shear=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    np.testing.assert_allclose(matrix[:3, :3], third @ second @ first, atol=1e-12)


@given(st.lists(small, min_size=6, max_size=6), st.tuples(angle, angle, angle))
def test_shears_and_rotations_keep_volumes(shear, rotate):
    assert np.linalg.det(affine(3, rotate, shear)) == pytest.approx(1)


@pytest.mark.parametrize("order", [2, 3])
def test_nothing_asked_is_nothing_done(order):
    np.testing.assert_array_equal(affine(order), np.eye(order + 1))


def test_ranges_are_one_for_all_or_one_each_and_what_is_left_out_is_0():
    rng = np.random.default_rng(0)
    assert all(-2 <= value <= 2 for value in drawn(2, 3, rng))
    first, second, *rest = drawn([0.5, (3, 4)], 3, rng)
    assert -0.5 <= first <= 0.5
    assert 3 <= second <= 4
    assert filled([first, second, *rest], 3, 0.0)[2] == 0
    assert 1 <= drawn([(2, 1)], 1, rng)[0] <= 2


def test_drawn_values_fill_their_range_evenly():
    rng = np.random.default_rng(0)
    values = np.array([drawn([(1, 3), 0.5], 2, rng) for _ in range(2000)])
    np.testing.assert_allclose(values.mean(axis=0), [2, 0], atol=0.05)
    np.testing.assert_allclose(values.std(axis=0), [2 / np.sqrt(12), 1 / np.sqrt(12)], rtol=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rotation([0.1], 1), "2 or 3 axes can be rotated, got 1"),
        (lambda: rotation([0.1, 0.2], 2), r"at most 1 values are expected, got \[0.1, 0.2\]"),
        (lambda: affine(2, scale=[1, 0]), r"scale must not be 0, got \(1, 0\)"),
        (lambda: affine(2, translate=[1, 2, 3]), r"at most 2 values are expected, got \[1, 2, 3\]"),
        (lambda: drawn([1, 2, 3], 2, np.random.default_rng(0)), r"at most 2 ranges are expected, got \[1, 2, 3\]"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
