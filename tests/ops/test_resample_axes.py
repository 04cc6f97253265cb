from itertools import permutations

import numpy as np
import pytest
import torch

from bundlert.ops import resample_axes as module
from bundlert.ops.resample_axes import axis_table, interpolated_dtype, reflected, resample_axes


def test_a_table_worked_out_by_hand():
    linear = axis_table(0.5, -1.0, 2, 7, linear=True)  # -1, -0.5, 0, 0.5, 1, 1.5, 2 in an axis of two voxels
    assert linear.below.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert linear.weight.tolist() == [0, 0, 0, 0.5, 0, 0, 0]
    assert linear.outside.tolist() == [True, False, False, False, False, False, True]
    nearest = axis_table(0.5, -1.0, 2, 7, linear=False)
    assert nearest.below.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert nearest.weight is None


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize(("place", "outside"), [(-0.51, True), (-0.5, False), (1.5, False), (1.51, True)])
def test_the_outermost_cells_end_half_a_voxel_out(place, outside, linear):
    assert axis_table(0.0, place, 2, 1, linear=linear).outside.tolist() == [outside]


@pytest.mark.parametrize("step", [1, -1, 2])
def test_whole_steps_need_no_interpolation_even_where_rounding_disturbs_them(step):
    table = axis_table(step + 3e-6, 9.00002, 20, 5, linear=True)
    assert table.weight is None
    assert table.below.tolist() == [9 + step * index for index in range(5)]


def line_by_line(data, sources, matrix, shape):
    """One axis after another by numpy, each line alone."""
    result = data.numpy().transpose(0, *(source + 1 for source in sources)).astype(np.float64)
    for axis, source in enumerate(sources):
        places = matrix[source, axis] * np.arange(shape[axis]) + matrix[source, -1]
        known = np.arange(data.shape[source + 1])
        result = np.apply_along_axis(lambda line, p=places, k=known: np.interp(p, k, line), axis + 1, result)
    return result


def map_along(sources, scale):
    matrix = np.eye(4)
    matrix[:3, :3] = 0
    for axis, source in enumerate(sources):
        matrix[source, axis] = scale * (1 + axis / 10)
        matrix[source, 3] = 4.3 if scale < 0 else -0.7
    return matrix


def in_memory(data, layout):
    """The same values, the axes in another order in memory."""
    return torch.empty_permuted(data.shape, layout, dtype=data.dtype).copy_(data)


@pytest.mark.parametrize("sources", [[0, 1, 2], [2, 0, 1], [1, 0, 2]])
@pytest.mark.parametrize("scale", [0.37, 2.3, -0.8])
def test_linear_values_are_those_of_numpy(sources, scale):
    data, matrix = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 5, 6, 7))), map_along(sources, scale)
    found = resample_axes(data, sources, matrix, (4, 9, 3), linear=True, outside="border")
    np.testing.assert_allclose(found, line_by_line(data, sources, matrix, (4, 9, 3)), atol=1e-12)


@pytest.mark.parametrize("layout", list(permutations(range(4))))
@pytest.mark.parametrize("shape", [(2, 5, 6, 7), (1, 5, 6, 1), (1, 1, 6, 7), (3, 5, 1, 1)])
def test_large_volumes_give_the_same_whatever_their_order_in_memory(shape, layout, monkeypatch):
    monkeypatch.setattr(module, "_PLANE", 1)
    monkeypatch.setattr(module, "_LARGE", 0)
    data = in_memory(torch.from_numpy(np.random.default_rng(0).normal(size=shape)), layout)
    for sources, scale, size in (([0, 1, 2], 0.7, (8, 5, 9)), ([1, 2, 0], -1.3, (3, 9, 4))):
        matrix = map_along(sources, scale)
        found = resample_axes(data, sources, matrix, size, linear=True, outside="border")
        np.testing.assert_allclose(found, line_by_line(data, sources, matrix, size), atol=1e-12)
        assert found.is_contiguous()


@pytest.mark.parametrize("layout", list(permutations(range(4))))
@pytest.mark.parametrize("scale", [0.7, -1.3])
def test_nearest_voxels_are_those_of_numpy_whatever_their_order_in_memory(scale, layout):
    data = in_memory(torch.arange(2 * 5 * 6 * 7).view(2, 5, 6, 7), layout)
    expected = data.numpy()
    for axis, size in enumerate((8, 5, 9)):
        places = (4.3 if scale < 0 else -0.7) + scale * (1 + axis / 10) * np.arange(size)
        expected = expected.take(np.floor(places + 0.500001).astype(int).clip(0, data.shape[axis + 1] - 1), axis + 1)
    matrix = map_along([0, 1, 2], scale)
    found = resample_axes(data, [0, 1, 2], matrix, (8, 5, 9), linear=False, outside="border")
    np.testing.assert_array_equal(found, expected)


def test_a_gradient_flows_back_to_the_voxels_that_were_read():
    data = torch.zeros(1, 100, 100, 3, requires_grad=True)
    matrix = np.diag([1.0, 1, 0.5, 1])
    resample_axes(data, [0, 1, 2], matrix, (100, 100, 4), linear=True, outside="border").sum().backward()
    assert data.grad[0, 0, 0].tolist() == [1.5, 2, 0.5]  # read at 0, 0.5, 1 and 1.5


@pytest.mark.parametrize(("size", "shared"), [((6, 6, 6), True), ((4, 4, 4), False)])
def test_a_box_that_is_most_of_the_data_is_a_view(size, shared):
    data, matrix = torch.rand(1, 7, 7, 7), np.eye(4)
    matrix[:3, 3] = 1
    found = resample_axes(data, [0, 1, 2], matrix, size, linear=False, outside="border")
    assert torch.equal(found, data[:, *(slice(1, 1 + count) for count in size)])
    assert (found.untyped_storage().data_ptr() == data.untyped_storage().data_ptr()) == shared


def test_a_value_fills_what_lies_beyond_the_outermost_cells():
    found = resample_axes(torch.ones(1, 2, 2), [0, 1], np.diag([1.0, 1, 1]), (3, 4), linear=True, outside=-5.0)
    assert found[0].tolist() == [[1, 1, -5, -5], [1, 1, -5, -5], [-5, -5, -5, -5]]


def test_only_double_is_interpolated_in_double():
    kinds = [torch.uint8, torch.int64, torch.float16, torch.float32, torch.float64]
    assert [interpolated_dtype(torch.zeros(1, dtype=kind)) for kind in kinds] == [torch.float32] * 4 + [torch.float64]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_reflection_is_what_numpy_calls_symmetric(size):
    line = np.arange(size)
    far = 3 * size
    expected = np.pad(line, far, mode="symmetric")
    np.testing.assert_array_equal(reflected(np.arange(-far, size + far).astype(float), size), expected)
    table = axis_table(1.0, -float(far), size, size + 2 * far, linear=True, outside_is="reflection")
    assert table.below.tolist() == expected.tolist()
    assert not table.outside.any()
