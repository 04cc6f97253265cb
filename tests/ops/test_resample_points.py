from itertools import product
from math import floor

import numpy as np
import pytest
import torch

from bundlert.ops.resample_axes import resample_axes
from bundlert.ops.resample_points import resample_points

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


def point_by_point(data, matrix, shape, *, linear, fill):
    result = np.empty((len(data), *shape))
    for index in np.ndindex(*shape):
        place = matrix[:-1, :-1] @ index + matrix[:-1, -1]
        outside = any(p < -0.5 or p > size - 0.5 for p, size in zip(place, data.shape[1:], strict=True))
        values = [value_at(channel, place, linear) for channel in data.numpy()]
        result[(slice(None), *index)] = fill if fill is not None and outside else values
    return result


@pytest.mark.parametrize("fill", [None, 0.0, -3.5])
@pytest.mark.parametrize("linear", [True, False])
def test_each_voxel_is_that_of_its_own_coordinates(linear, fill):
    found = resample_points(voxels(), ASKEW, SHAPE, linear=linear, fill=fill)
    expected = point_by_point(voxels(), ASKEW, SHAPE, linear=linear, fill=fill)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("fill", [None, 2.0])
def test_where_both_ways_are_open_they_agree(linear, fill):
    matrix = np.array([[0, 0.6, 0, -0.8], [1.3, 0, 0, 0.1], [0, 0, -0.45, 3.3], [0, 0, 0, 1]])
    options = {"linear": linear, "fill": fill}
    by_axes = resample_axes(voxels(), [1, 0, 2], matrix, SHAPE, **options)
    torch.testing.assert_close(resample_points(voxels(), matrix, SHAPE, **options), by_axes)


def test_nearest_keeps_large_integers_exactly():
    large = torch.tensor([[[2**60 + 1, 3], [4, 2**60 + 7]]])
    found = resample_points(large, np.array([[1, 1e-3, 0], [1e-3, 1, 0], [0, 0, 1]]), (2, 2), linear=False, fill=None)
    assert torch.equal(found, large)
