from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from scipy import ndimage
from transforms.spatial.by_scipy import SHAPES, about_middle, blocks, check, looked_up, places, smooth

from bundlert.errors import DataError
from bundlert.transforms.crop.center import CenterSpatialCrop
from bundlert.transforms.crop.spatial import SpatialCrop
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.affine import RandAffine
from bundlert.transforms.spatial.bending import (
    GridDistortion,
    RandElastic,
    RandGridDistortion,
    cell_offsets,
    smooth_offsets,
)
from bundlert.transforms.spatial.flip import Flip
from bundlert.transforms.spatial.matrices import affine


def spread(offsets, shape) -> np.ndarray:
    """Offsets at control points as those of each voxel, linear between points: [n, *shape]."""
    points = np.array(offsets.shape[1:])
    scale = (points - 1) / np.maximum(np.array(shape) - 1, 1)
    at = np.indices(shape) * scale.reshape(-1, *[1] * len(shape))
    return np.stack([ndimage.map_coordinates(one.astype(float), at, order=1, mode="nearest") for one in offsets])


def by_definition(shape, sigma, seed) -> np.ndarray:
    """Uniform noise in -1..1 at each voxel, smoothed: [*shape]."""
    noise = np.random.default_rng(seed).uniform(-1, 1, shape)
    return ndimage.gaussian_filter(noise, sigma, mode="reflect")


def correlation(fields, lag) -> float:
    """How alike values are that lie `lag` voxels apart along the last axis."""
    return float((fields[..., lag:] * fields[..., :-lag]).mean() / (fields**2).mean())


@pytest.mark.parametrize(("shape", "sigma"), [((64, 80), 3.0), ((64, 80), 7.5), ((30, 36, 32), 4.0)])
def test_offsets_are_as_large_and_as_smooth_as_by_their_definition(shape, sigma):
    coarse = [smooth_offsets(shape, sigma, 1.0, seed) for seed in range(40)]
    assert np.prod(coarse[0].shape[1:]) < np.prod(shape)
    ours = np.stack([spread(one, shape)[0] for one in coarse])
    theirs = np.stack([by_definition(shape, sigma, 1000 + seed) for seed in range(80)])
    assert ours.std() == pytest.approx(theirs.std(), rel=0.08)
    assert abs(ours.mean()) < 0.15 * ours.std()
    for lag in (1, round(sigma), round(2 * sigma)):
        assert correlation(ours, lag) == pytest.approx(correlation(theirs, lag), abs=0.06)


def test_in_the_middle_the_variance_is_that_of_white_noise_behind_a_gaussian():
    """1/3 / (2 sqrt(pi) sigma)^n, from the integral of the squared kernel."""
    fields = np.stack([spread(smooth_offsets((60, 60), 4.0, 1.0, seed), (60, 60)) for seed in range(60)])
    expected = 1 / 3 / (2 * np.sqrt(np.pi) * 4) ** 2
    assert fields[..., 15:45, 15:45].var() == pytest.approx(expected, rel=0.12)


def test_each_axis_has_its_own_offsets_and_a_seed_tells_them_all():
    one = smooth_offsets((20, 20, 20), 3.0, 2.0, 5)
    np.testing.assert_array_equal(one, smooth_offsets((20, 20, 20), 3.0, 2.0, 5))
    np.testing.assert_allclose(one, 2 * smooth_offsets((20, 20, 20), 3.0, 1.0, 5), rtol=1e-5)
    assert abs(np.corrcoef(one[0].ravel(), one[1].ravel())[0, 1]) < 0.5
    assert not np.allclose(one, smooth_offsets((20, 20, 20), 3.0, 2.0, 6))


@pytest.mark.parametrize("padding", ["border", "zeros", "reflection"])
@pytest.mark.parametrize("shape", SHAPES)
def test_bent_voxels_are_those_that_scipy_looks_up(shape, padding):
    """First the index is moved by its offset, then mapped by the affine matrix."""
    sample = {"image": smooth(shape), "label": blocks(shape)}
    options = {"mode": ["bilinear", "nearest"], "padding_mode": padding}
    step = RandElastic(list(sample), (2, 3), (4, 8), prob=1, rotate_range=0.3, scale_range=0.1, **options)
    params = step.draw(sample, np.random.default_rng(3))
    result = step.apply(sample, json.loads(json.dumps(params)))
    offsets = spread(smooth_offsets(shape, params["sigma"], params["magnitude"], params["seed"]), shape)
    assert np.abs(offsets).max() > 0.3
    moved = (np.indices(shape) + offsets).reshape(len(shape), -1)
    matrix = about_middle(affine(len(shape), **params["affine"]), shape)
    at = (matrix[:-1, :-1] @ moved + matrix[:-1, -1:]).reshape(len(shape), *shape)
    image, label = realize(result["image"]), realize(result["label"])
    np.testing.assert_allclose(image.data, looked_up(sample["image"], at, "bilinear", padding), atol=1e-3)
    same = label.data.numpy() == looked_up(sample["label"], at, "nearest", padding)
    assert same.mean() > 0.999  # single precision of offsets may tip a voxel on a face
    assert label.data.dtype == torch.uint8


def test_no_magnitude_is_the_affine_map_alone():
    image = smooth()
    step = RandElastic("image", (2, 3), (0, 0), prob=1, rotate_range=0.3)
    params = step.draw({"image": image}, np.random.default_rng(0))
    bent = realize(step.apply({"image": image}, params)["image"])
    plain = RandAffine("image", 1, rotate_range=0.3).apply({"image": image}, params["affine"])["image"]
    assert bent.grid.same_as(plain.target)
    torch.testing.assert_close(bent.data, realize(plain).data, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("then", [SpatialCrop("image", roi_start=(2, 3, 4), roi_end=(9, 11, 8)), Flip("image", (0, 2))])
def test_what_moves_after_a_bend_moves_what_was_bent(then):
    image = smooth()
    step = RandElastic("image", (2, 3), (6, 8), prob=1, rotate_range=0.3)
    bent = step(({"image": image}), np.random.default_rng(1))
    lazy = then(bent)["image"]
    eager = then({"image": realize(bent["image"])})["image"]
    assert lazy.data is image.data
    torch.testing.assert_close(realize(lazy).data, realize(eager).data, atol=1e-4, rtol=1e-4)


def test_a_crop_before_a_bend_is_bent_by_its_own_offsets():
    image = smooth()
    step = RandElastic("image", (2, 3), (6, 8), prob=1)
    cropped = CenterSpatialCrop("image", (9, 8, 7))({"image": image})
    params = step.draw(cropped, np.random.default_rng(1))
    result = realize(step.apply(cropped, params)["image"])
    offsets = spread(smooth_offsets((9, 8, 7), params["sigma"], params["magnitude"], params["seed"]), (9, 8, 7))
    at = np.indices((9, 8, 7)) + offsets + np.array([2, 2, 2]).reshape(3, 1, 1, 1)
    np.testing.assert_allclose(result.data, looked_up(image, at, padding="reflection"), atol=1e-3)


def test_two_bends_are_done_one_after_the_other():
    image = smooth()
    step = RandElastic("image", (2, 3), (6, 8), prob=1)
    rng = np.random.default_rng(1)
    first, second = (step.draw({"image": image}, rng) for _ in range(2))
    lazy = step.apply(step.apply({"image": image}, first), second)["image"]
    eager = step.apply({"image": realize(step.apply({"image": image}, first)["image"])}, second)["image"]
    assert torch.equal(realize(lazy).data, realize(eager).data)


def test_a_size_is_kept_even_where_nothing_happens():
    image = smooth()
    for prob in (0, 1):
        step = RandElastic("image", (2, 3), (6, 8), (7, -1, 20), prob=prob)
        params = step.draw({"image": image}, np.random.default_rng(0))
        assert ("seed" in params) == bool(prob)
        result = step.apply({"image": image}, json.loads(json.dumps(params)))["image"]
        assert realize(result).data.shape == (1, 7, 12, 20)
        np.testing.assert_allclose(result.affine, image.grid.affine @ about_middle(np.eye(3), image.shape, (7, 12, 20)))


def test_never_is_never():
    sample = {"image": smooth()}
    for step in (RandElastic("image", (2, 3), (4, 8), prob=0), RandGridDistortion("image", prob=0)):
        assert step(sample, np.random.default_rng(0)) == sample


def stretched(shape, steps) -> np.ndarray:
    """Where each voxel of a distorted image lies in the image, piecewise linear along each axis: [n, *shape]."""
    axes = []
    for size, each in zip(shape, steps, strict=True):
        corners = np.linspace(0, size - 1, len(each) + 1)
        sources = np.concatenate([[0], np.cumsum(each)]) * (size - 1) / len(each)
        axes.append(np.interp(np.arange(size), corners, sources))
    return np.stack(np.meshgrid(*axes, indexing="ij"))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_distortion_is_piecewise_linear_along_each_axis(shape):
    sample = {"image": smooth(shape), "label": blocks(shape)}
    steps = [[0.8, 1.3, 0.9, 1.1], [1.2, 0.7], [1.0, 1.0, 0.6]][: len(shape)]
    step = GridDistortion(list(sample), [len(each) for each in steps], steps, mode=["bilinear", "nearest"])
    result = step(sample)
    at = stretched(shape, steps)
    np.testing.assert_allclose(realize(result["image"]).data, looked_up(sample["image"], at), atol=1e-3)
    assert (realize(result["label"]).data.numpy() == looked_up(sample["label"], at, "nearest")).mean() > 0.999


def test_even_cells_change_nothing():
    image = smooth()
    result = GridDistortion("image", 3, [[1, 1, 1]] * 3)({"image": image})["image"]
    torch.testing.assert_close(realize(result).data, image.data, atol=1e-5, rtol=1e-5)
    assert result.target.same_as(image.grid)


def test_a_step_too_many_is_left_out_as_the_field_has_one():
    offsets = [GridDistortion("image", 2, [steps] * 3).steps for steps in ([1.1, 0.8], [1.1, 0.8, 1.3])]
    assert offsets[0] == offsets[1]


def test_cells_begin_at_the_first_voxel_and_end_at_the_last():
    offsets = cell_offsets((11, 6), [[0.5, 1.5], [1, 1, 1]])
    np.testing.assert_allclose(offsets[0, :, 0], [0, -2.5, 0], atol=1e-6)
    assert offsets.shape == (2, 3, 4)
    assert (offsets[1] == 0).all()


def test_distortions_of_chance_are_drawn_and_applied_alike():
    sample = {"image": smooth(), "label": blocks()}
    step = RandGridDistortion(list(sample), (2, 3, 4), prob=1, distort_limit=0.4, mode=["bilinear", "nearest"])
    params = step.draw(sample, np.random.default_rng(0))
    assert [len(each) for each in params["steps"]] == [2, 3, 4]
    assert all(0.6 <= value <= 1.4 for each in params["steps"] for value in each)
    result = step.apply(sample, json.loads(json.dumps(params)))
    at = stretched((13, 12, 11), params["steps"])
    np.testing.assert_allclose(realize(result["image"]).data, looked_up(sample["image"], at), atol=1e-3)
    assert (realize(result["label"]).data.numpy() == looked_up(sample["label"], at, "nearest")).mean() > 0.999


def test_an_affine_map_after_a_bend_maps_what_was_bent():
    image = smooth((25, 25))
    bent = GridDistortion("image", 2, [[0.8, 1.2]] * 2)({"image": image})
    turned = RandAffine("image", 1, padding_mode="border").apply(bent, {"rotate": [0.3]})["image"]
    assert turned.data is image.data
    eager = RandAffine("image", 1, padding_mode="border").apply({"image": realize(bent["image"])}, {"rotate": [0.3]})
    inner = (slice(None), slice(6, 19), slice(6, 19))
    off = (realize(turned).data[inner] - realize(eager["image"]).data[inner]).abs()
    assert off.mean() < 0.1  # the second way interpolates twice
    check(eager["image"], realize(bent["image"]), about_middle(affine(2, [0.3]), (25, 25)), (25, 25))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RandElastic("a", (0, 1), (1, 2)), r"sigma_range must be > 0, got \(0, 1\)"),
        (lambda: RandElastic("a", (3, 1), (1, 2)), r"sigma_range must be two numbers >= 0, the lower one first"),
        (lambda: RandElastic("a", (1, 3), (-1, 2)), r"magnitude_range must be two numbers >= 0"),
        (lambda: RandElastic("a", (1, 3), (1, 2, 3)), r"magnitude_range must be two numbers >= 0"),
        (lambda: RandElastic("a", (1, 3), (1, 2), prob=2), "prob must be >= 0 and <= 1, got 2"),
        (lambda: GridDistortion("a", 3, [[1, 1]] * 3), "distort_steps must have a value for each of"),
        (lambda: GridDistortion("a", (3, 3), [[1] * 3] * 3), r"num_cells must be one value or 3, got \(3, 3\)"),
        (lambda: GridDistortion("a", 1, [[1]] * 2)({"a": smooth()}), "steps for 3 axes are expected, got 2"),
        (lambda: RandGridDistortion("a", distort_limit=1), "distort_limit must be > -1 and < 1, got 1"),
        (lambda: RandGridDistortion("a", prob=-1), "prob must be >= 0 and <= 1, got -1"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_images_of_different_shapes_are_refused():
    sample = {"a": smooth(), "b": smooth((13, 12, 10))}
    with pytest.raises(DataError, match="'a' and 'b' differ in shape"):
        RandElastic(["a", "b"], (1, 2), (1, 2), prob=1)(sample, np.random.default_rng(0))


def test_places_of_the_second_way_are_right():
    """The reference itself, by hand."""
    np.testing.assert_array_equal(places(np.array([[2.0, 0, 1], [0, 1, -1], [0, 0, 1]]), (2, 2))[0], [[1, 1], [3, 3]])
