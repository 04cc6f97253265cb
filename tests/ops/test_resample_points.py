from itertools import product
from math import floor

import numpy as np
import pytest
import torch

from bundlert.ops.resample_axes import resample_axes
from bundlert.ops.resample_points import resample_bent, resample_points

ASKEW = np.array([[0.7, 0.2, 0, -1], [-0.3, 0.8, 0.1, 0.5], [0.1, 0, 0.9, 0.2], [0, 0, 0, 1]])
SHAPE = (4, 3, 5)


def voxels():
    return torch.from_numpy(np.random.default_rng(0).normal(size=(2, 3, 4, 4)))


def value_at(data, place, linear):
    """The value at one place, corner by corner."""
    held = [min(max(p, 0), size - 1) for p, size in zip(place, data.shape, strict=True)]
    if not linear:
        return data[tuple(min(max(floor(p + 0.5), 0), size - 1) for p, size in zip(place, data.shape, strict=True))]
    total = 0.0
    for corner in product((0, 1), repeat=len(place)):
        at = [min(floor(p) + step, size - 1) for p, step, size in zip(held, corner, data.shape, strict=True)]
        weights = [p - floor(p) if step else 1 - (p - floor(p)) for p, step in zip(held, corner, strict=True)]
        total += np.prod(weights) * data[tuple(at)]
    return total


def mirrored(place, size):
    """A coordinate thrown back at the faces until it lies between them."""
    while not -0.5 <= place <= size - 0.5:
        place = -1 - place if place < -0.5 else 2 * size - 1 - place
    return place


def point_by_point(data, shape, place_of, *, linear, outside):
    result = np.empty((len(data), *shape))
    for index in np.ndindex(*shape):
        place = place_of(np.array(index))
        is_out = any(p < -0.5 or p > size - 0.5 for p, size in zip(place, data.shape[1:], strict=True))
        if outside == "reflection":
            place = [mirrored(p, size) for p, size in zip(place, data.shape[1:], strict=True)]
        values = [value_at(channel, place, linear) for channel in data.numpy()]
        result[(slice(None), *index)] = outside if not isinstance(outside, str) and is_out else values
    return result


def affinely(matrix):
    return lambda index: matrix[:-1, :-1] @ index + matrix[:-1, -1]


@pytest.mark.parametrize("outside", ["border", "reflection", 0.0, -3.5])
@pytest.mark.parametrize("linear", [True, False])
def test_each_voxel_is_that_of_its_own_coordinates(linear, outside):
    options = {"linear": linear, "outside": outside}
    found = resample_points(voxels(), ASKEW, SHAPE, **options)
    np.testing.assert_allclose(found, point_by_point(voxels(), SHAPE, affinely(ASKEW), **options), atol=1e-12)


@pytest.mark.parametrize("outside", ["border", "reflection", -3.5])
@pytest.mark.parametrize("linear", [True, False])
def test_a_bent_grid_moves_each_point_by_the_offset_at_its_place(linear, outside):
    bent = (5, 4, 6)
    offsets = np.random.default_rng(1).normal(size=(3, 3, 2, 4))
    into = np.array([[0, 0.9, 0, -0.4], [0.8, 0, 0.1, 0.3], [0, 0, -1.1, 5.2], [0, 0, 0, 1]])

    def place_of(index):
        inner = affinely(into)(index)
        control = [
            min(max(p, 0), size - 1) / (size - 1) * (points - 1)
            for p, size, points in zip(inner, bent, offsets.shape[1:], strict=True)
        ]
        return affinely(ASKEW)(inner + np.array([value_at(one, control, linear=True) for one in offsets]))

    found = resample_bent(
        voxels(),
        ASKEW,
        SHAPE,
        offsets=torch.from_numpy(offsets),
        bent=bent,
        into=into,
        linear=linear,
        outside=outside,
    )
    expected = point_by_point(voxels(), SHAPE, place_of, linear=linear, outside=outside)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("outside", ["border", "reflection", 2.0])
def test_where_both_ways_are_open_they_agree(linear, outside):
    matrix = np.array([[0, 0.6, 0, -0.8], [1.3, 0, 0, 0.1], [0, 0, -0.45, 3.3], [0, 0, 0, 1]])
    options = {"linear": linear, "outside": outside}
    by_axes = resample_axes(voxels(), [1, 0, 2], matrix, SHAPE, **options)
    torch.testing.assert_close(resample_points(voxels(), matrix, SHAPE, **options), by_axes)


def test_nearest_keeps_large_integers_exactly():
    large = torch.tensor([[[2**60 + 1, 3], [4, 2**60 + 7]]])
    found = resample_points(large, np.array([[1, 1e-3, 0], [1e-3, 1, 0], [0, 0, 1]]), (2, 2), linear=False, outside=0.0)
    assert torch.equal(found, large)
