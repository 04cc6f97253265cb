from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial.transform import Rotation
from transforms.spatial.by_scipy import about_middle, blocks, check, smooth

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.rotate import RandRotate, Rotate

ANGLES = {2: 0.4, 3: (0.4, -0.2, 0.7)}


def turn(angles) -> np.ndarray:
    if np.ndim(angles) == 0:
        return np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]])
    return Rotation.from_euler("XYZ", angles).as_matrix()


@pytest.mark.parametrize("padding", ["border", "zeros", "reflection", -3.0])
@pytest.mark.parametrize(("shape", "order"), [((17, 14), 2), ((13, 12, 11), 3)])
def test_it_looks_up_what_scipy_looks_up(shape, order, padding):
    image, label = smooth(shape), blocks(shape)
    step = Rotate(["image", "label"], ANGLES[order], mode=["bilinear", "nearest"], padding_mode=padding)
    result = step({"image": image, "label": label})
    matrix = about_middle(turn(ANGLES[order]), shape)
    check(result["image"], image, matrix, shape, padding=padding)
    if padding != -3.0:  # no label has such a value
        check(result["label"], label, matrix, shape, mode="nearest", padding=padding)


def test_in_the_plane_it_is_scipys_rotate():
    image = smooth((20, 20))
    ours = realize(Rotate("image", np.pi / 6)({"image": image})["image"]).data[0]
    theirs = ndimage.rotate(image.data[0].numpy(), -30, reshape=False, order=1, mode="nearest")
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("angles", [(0.4, -0.2, 0.7), (np.pi / 2, 0, 0), (0, 1.2, 0)])
def test_without_keep_size_nothing_is_cut_off(angles):
    image = smooth((13, 7, 10))
    result = Rotate("image", angles, keep_size=False)({"image": image})["image"]
    corners = np.array([[x, y, z, 1] for x in (-0.5, 12.5) for y in (-0.5, 6.5) for z in (-0.5, 9.5)]).T
    seen = np.linalg.solve(result.target.affine, image.grid.affine @ corners)[:3]
    size = np.array(result.shape).reshape(3, 1)
    assert (seen > -1.01).all()
    assert (seen < size + 0.01).all()
    np.testing.assert_allclose(size[:, 0], seen.max(axis=1) - seen.min(axis=1), atol=0.51)


@given(st.tuples(*[st.floats(-3, 3)] * 3))
@settings(max_examples=20, deadline=None)
def test_there_and_back_is_where_it_was(angles):
    """By Z, Y, X and then by -Z ... in turn: the inverse of X @ Y @ Z."""
    image = smooth()
    back = [(0, 0, -angles[2]), (0, -angles[1], 0), (-angles[0], 0, 0)]
    sample = Rotate("image", angles)({"image": image})
    for step in back:
        sample = Rotate("image", step)(sample)
    assert sample["image"].target.same_as(image.grid)
    assert torch.equal(realize(sample["image"]).data, image.data)


@given(st.floats(-3, 3))
@settings(max_examples=10, deadline=None)
def test_by_two_resamplings_the_middle_stays(angle):
    image = smooth((25, 25))
    there = realize(Rotate("image", angle)({"image": image})["image"])
    back = realize(Rotate("image", -angle)({"image": there})["image"])
    middle = (slice(None), slice(8, 17), slice(8, 17))
    off = (back.data[middle] - image.data[middle]).abs()
    assert off.mean() < 0.15 * image.data[middle].abs().mean() + 0.05


@pytest.mark.parametrize("shape", [(17, 14), (13, 12, 11)])
def test_never_always_and_all_alike(shape):
    sample = {"image": smooth(shape), "label": blocks(shape)}
    step = RandRotate(list(sample), 0.5, (0.1, 0.2), 0.3, prob=1, mode=["bilinear", "nearest"])
    rng = np.random.default_rng(0)
    assert RandRotate("image", 0.5, prob=0)(sample, rng) == sample
    for _ in range(3):
        params = step.draw(sample, rng)
        angles = params["angles"]
        assert abs(angles[0]) <= 0.5
        assert len(angles) == (1 if len(shape) == 2 else 3)
        result = step.apply(sample, json.loads(json.dumps(params)))
        matrix = about_middle(turn(angles[0] if len(shape) == 2 else angles), shape)
        check(result["image"], sample["image"], matrix, shape)
        check(result["label"], sample["label"], matrix, shape, mode="nearest")


def test_angles_fill_their_range():
    step, rng = RandRotate("image", 0.5, (0.1, 0.2), prob=1), np.random.default_rng(0)
    found = np.array([step.draw({"image": smooth()}, rng)["angles"] for _ in range(300)])
    np.testing.assert_allclose(found.min(axis=0), [-0.5, 0.1, 0], atol=0.02)
    np.testing.assert_allclose(found.max(axis=0), [0.5, 0.2, 0], atol=0.02)


def test_two_angles_in_the_plane_are_refused():
    with pytest.raises(ValueError, match=r"at most 1 values are expected, got \[0.1, 0.2\]"):
        Rotate("image", (0.1, 0.2))({"image": smooth((5, 6))})
