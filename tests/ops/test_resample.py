from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from bundlert.ops.resample import Warp, resample_affine, resample_warped

SHAPE = (7, 6, 9)


def voxels(seed: int = 0, shape=SHAPE, channels: int = 2) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(channels, *shape)).astype(np.float32))


def by_scipy(data, matrix, shape, mode, padding):
    """The rules from scratch: scipy inside the cells, the value beyond them."""
    places = np.tensordot(matrix[:-1, :-1], np.indices(shape), 1) + matrix[:-1, -1].reshape(-1, *[1] * len(shape))
    order = 1 if mode == "bilinear" else 0
    result = np.stack([ndimage.map_coordinates(c.astype(float), places, order=order, mode="nearest") for c in data])
    if padding == "border":
        return result
    limits = np.reshape(data.shape[1:], (-1, *[1] * len(shape)))
    outside = ((places < -0.5) | (places > limits - 0.5)).any(axis=0)
    result[:, outside] = 0 if padding == "zeros" else padding
    return result


def separable(rng, order):
    """A random signed permutation times scales."""
    matrix = np.eye(order + 1)
    matrix[:-1, :-1] = np.eye(order)[rng.permutation(order)] * rng.uniform(0.3, 2.5, order) * rng.choice([-1, 1], order)
    matrix[:-1, -1] = rng.uniform(-2, 8, order)
    return matrix


def askew(rng, order):
    matrix = np.eye(order + 1)
    matrix[:-1, :-1] = rng.normal(size=(order, order))
    matrix[:-1, -1] = rng.uniform(-1, 6, order)
    return matrix


@pytest.mark.parametrize("padding", ["border", "zeros", -3.5])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("kind", [separable, askew])
@pytest.mark.parametrize("order", [2, 3])
def test_random_maps_give_what_scipy_gives(order, kind, mode, padding):
    rng = np.random.default_rng(order)
    data = voxels(shape=SHAPE[:order])
    for _ in range(4):
        matrix = kind(rng, order)
        shape = tuple(int(n) for n in rng.integers(1, 12, order))
        result = resample_affine(data, matrix, shape, mode, padding)
        assert result.shape == (2, *shape)
        np.testing.assert_allclose(result, by_scipy(data.numpy(), matrix, shape, mode, padding), atol=2e-5)


def test_inside_the_image_affine_transform_agrees():
    data = voxels()
    matrix = np.array([[0.5, 0.1, 0, 1], [-0.1, 0.5, 0.05, 1], [0, 0.1, 0.5, 1], [0, 0, 0, 1]])
    expected = ndimage.affine_transform(data[0].double().numpy(), matrix, output_shape=(6, 5, 8), order=1)
    np.testing.assert_allclose(resample_affine(data, matrix, (6, 5, 8))[0], expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_flips_and_permutations_copy_voxels_bit_by_bit(mode):
    data = voxels()
    for axes, flips in product(permutations(range(3)), product((False, True), repeat=3)):
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1
        for target, (source, flip) in enumerate(zip(axes, flips, strict=True)):
            matrix[source, target] = -1 if flip else 1
            matrix[source, 3] = SHAPE[source] - 1 if flip else 0
        expected = data.permute(0, *(axis + 1 for axis in axes)).flip([i + 1 for i in range(3) if flips[i]])
        assert torch.equal(resample_affine(data, matrix, expected.shape[1:], mode, "zeros"), expected)


@pytest.mark.parametrize(
    ("padding", "numpy_mode"), [("border", {"mode": "edge"}), ("zeros", {}), (7.0, {"constant_values": 7})]
)
def test_crop_and_pad_copy_voxels_bit_by_bit(padding, numpy_mode):
    data = voxels()
    matrix = np.eye(4)
    matrix[:3, 3] = [-2, 1, -1]
    padded = np.pad(data.numpy(), ((0, 0), (2, 3), (0, 0), (1, 0)), **numpy_mode)
    result = resample_affine(data, matrix, (12, 4, 8), "bilinear", padding)
    np.testing.assert_array_equal(result, padded[:, :12, 1:5, :8])


def test_rounding_of_affines_is_no_interpolation():
    data = voxels()
    matrix = np.eye(4) + np.random.default_rng(0).uniform(-4e-6, 4e-6, (4, 4)) * [[1], [1], [1], [0]]
    assert torch.equal(resample_affine(data, matrix, SHAPE), data)


def test_the_input_is_never_written_to():
    data = voxels()
    before = data.clone()
    away = np.eye(4)
    away[:3, 3] = 100
    assert (resample_affine(data, away, (1, 1, 1), "nearest", 5.0) == 5).all()
    resample_affine(data, np.eye(4), SHAPE, "nearest", 5.0)
    assert torch.equal(data, before)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int64, torch.float64, torch.bool])
def test_nearest_keeps_the_dtype_and_bilinear_gives_floats(dtype):
    data = torch.ones(1, 4, 4, 4, dtype=dtype)
    for matrix in (
        np.eye(4),
        np.diag([0.5, 0.7, 1, 1]),
        separable(np.random.default_rng(3), 3),
        askew(np.random.default_rng(3), 3),
    ):
        assert resample_affine(data, matrix, (3, 3, 3), "nearest", "zeros").dtype == dtype
        floats = torch.float64 if dtype == torch.float64 else torch.float32
        assert resample_affine(data, matrix, (3, 3, 3), "bilinear", "zeros").dtype == floats


@pytest.mark.parametrize("noise", [0, 1e-9, -1e-9])
def test_a_point_between_two_voxels_belongs_to_the_higher_index_on_every_path(noise):
    data = torch.arange(4).expand(1, 4, 4).contiguous()
    matrix = np.diag([1.0, 0.5 + noise, 1])
    assert resample_affine(data, matrix, (1, 7), "nearest")[0, 0].tolist() == [0, 1, 1, 2, 2, 3, 3]
    matrix[0, 1] = 0.001  # askew, which rows of the same values don't feel
    assert resample_affine(data, matrix, (1, 7), "nearest")[0, 0].tolist() == [0, 1, 1, 2, 2, 3, 3]


def test_values_hold_up_to_the_face_of_the_outermost_voxel():
    data = torch.tensor([[10.0, 20.0]])
    half = np.array([[0.5, -1.0], [0, 1]])  # from -1 to 2 in steps of a half
    for mode, middle in (("bilinear", 15.0), ("nearest", 20.0)):
        result = resample_affine(data, half, (7,), mode, "zeros")[0].tolist()
        assert result == [0, 10, 10, middle, 20, 20, 0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["bilinear", "nearest"]))
def test_a_linear_ramp_stays_a_ramp_and_a_constant_a_constant(seed, mode):
    rng = np.random.default_rng(seed)
    matrix = (separable if seed % 2 else askew)(rng, 3)
    constant = resample_affine(torch.full((1, *SHAPE), 3.0), matrix, (4, 4, 4), mode)
    np.testing.assert_allclose(constant, 3, rtol=1e-6)
    x = torch.arange(7.0).view(1, 7, 1, 1).expand(1, *SHAPE)
    place = (np.tensordot(matrix[0, :3], np.indices((4, 4, 4)), 1) + matrix[0, 3]).clip(0, 6)
    np.testing.assert_allclose(resample_affine(x, matrix, (4, 4, 4))[0], place, atol=1e-4)


def test_long_images_go_by_slabs_without_a_seam(monkeypatch):
    monkeypatch.setattr("bundlert.ops.resample_points._SLAB_VOXELS", 30)
    matrix = askew(np.random.default_rng(1), 3)
    result = resample_affine(voxels(), matrix, (5, 4, 6), "bilinear", "zeros")
    np.testing.assert_allclose(result, by_scipy(voxels().numpy(), matrix, (5, 4, 6), "bilinear", "zeros"), atol=2e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "cubic"}, "mode must be one of bilinear, nearest, got 'cubic'"),
        ({"padding": "wrap"}, "padding must be one of border, zeros, reflection or a value, got 'wrap'"),
        ({"shape": (2, 2)}, r"shape must have 3 sizes >= 1, got \(2, 2\)"),
        ({"matrix": np.eye(3)}, "matrix must be 4 x 4 and finite"),
        ({"data": torch.zeros(3)}, r"data must be \[C, \*S\] with 1 to 3 spatial axes and no empty one, got \(3,\)"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        resample_affine(**{"data": voxels(), "matrix": np.eye(4), "shape": SHAPE, **arguments})


def test_a_warp_without_offsets_is_the_affine_map():
    rng = np.random.default_rng(3)
    matrix, into = askew(rng, 3), askew(rng, 3)
    warp = Warp((6, 7, 5), torch.zeros(3, 2, 3, 4))
    found = resample_warped(voxels(), matrix, (5, 4, 6), warp=warp, into=into, padding="reflection")
    expected = resample_affine(voxels(), matrix @ into, (5, 4, 6), "bilinear", "reflection")
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_constant_offset_moves_by_so_many_voxels():
    warp = Warp(SHAPE, torch.tensor([1.0, -2.0, 0.0]).view(3, 1, 1, 1).expand(3, 2, 2, 2))
    found = resample_warped(voxels(), np.eye(4), SHAPE, warp=warp, into=np.eye(4), mode="nearest", padding="zeros")
    assert torch.equal(found[:, :-1, 2:], voxels()[:, 1:, :-2])
    assert not found[:, -1].any()


def test_one_axis_cannot_be_bent():
    warp = Warp((4,), torch.zeros(1, 2))
    with pytest.raises(ValueError, match="one spatial axis can't be bent"):
        resample_warped(torch.zeros(1, 4), np.eye(2), (4,), warp=warp, into=np.eye(2))
