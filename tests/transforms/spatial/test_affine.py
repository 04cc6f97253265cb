from __future__ import annotations

import json

import numpy as np
import pytest
from transforms.spatial.by_scipy import SHAPES, about_middle, blocks, check, smooth

from bundlert.transforms.spatial.affine import Affine, RandAffine, new_shape
from bundlert.transforms.spatial.matrices import affine

PARAMETERS = {
    2: ([0.3], [0.1, -0.05], [1.5, -2], [1.1, 0.9]),
    3: ([0.3, 0.1, -0.4], [0.1, 0, -0.05, 0.03, 0, 0.04], [1.5, -2, 0.5], [1.1, 0.9, 1.3]),
}


@pytest.mark.parametrize("size", [None, 9, -1])
@pytest.mark.parametrize("padding", ["border", "zeros", "reflection"])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_looks_up_what_scipy_looks_up(shape, padding, size):
    sample = {"image": smooth(shape), "label": blocks(shape)}
    parameters = PARAMETERS[len(shape)]
    options = {"spatial_size": size, "mode": ["bilinear", "nearest"], "padding_mode": padding}
    result = Affine(list(sample), *parameters, **options)(sample)
    new = (9,) * len(shape) if size == 9 else shape
    matrix = about_middle(affine(len(shape), *parameters), shape, new)
    check(result["image"], sample["image"], matrix, new, padding=padding)
    check(result["label"], sample["label"], matrix, new, mode="nearest", padding=padding)


def test_whole_voxels_only_move():
    image = smooth()
    result = Affine("image", translate_params=(2, 0, -3), padding_mode="zeros")({"image": image})["image"]
    check(result, image, about_middle(affine(3, translate=[2, 0, -3]), image.shape), image.shape, padding="zeros")


def test_one_number_stands_for_the_first_of_several():
    image = smooth()
    assert Affine("image", 0.3)({"image": image})["image"].target.same_as(
        Affine("image", [0.3, 0, 0])({"image": image})["image"].target
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_never_always_and_all_alike(shape):
    sample = {"image": smooth(shape), "label": blocks(shape)}
    ranges = {
        "rotate_range": 0.3,
        "shear_range": [0.1, 0.2],
        "translate_range": [(1, 2)],
        "scale_range": (0.1, (-0.2, 0)),
    }
    rng = np.random.default_rng(0)
    assert RandAffine("image", 0, **ranges)(sample, rng) == sample
    step = RandAffine(list(sample), 1, **ranges, mode=["bilinear", "nearest"])
    for _ in range(3):
        params = step.draw(sample, rng)
        assert len(params["shear"]) == 2
        assert 1 <= params["translate"][0] <= 2
        assert 0.9 <= params["scale"][0] <= 1.1
        assert 0.8 <= params["scale"][1] <= 1
        result = step.apply(sample, json.loads(json.dumps(params)))
        matrix = about_middle(affine(len(shape), **params), shape)
        check(result["image"], sample["image"], matrix, shape, padding="reflection")
        check(result["label"], sample["label"], matrix, shape, mode="nearest", padding="reflection")


def test_a_size_is_kept_even_where_nothing_happens():
    image = smooth()
    step = RandAffine("image", 0, rotate_range=1, spatial_size=(7, -1, 20))
    params = step.draw({"image": image}, np.random.default_rng(0))
    result = step.apply({"image": image}, json.loads(json.dumps(params)))["image"]
    assert result.shape == (7, 12, 20)
    check(result, image, about_middle(np.eye(3), image.shape, (7, 12, 20)), (7, 12, 20), padding="reflection")


def test_a_shape_is_what_a_size_means():
    assert new_shape(None, (3, 4)) == (3, 4)
    assert new_shape(5, (3, 4)) == (5, 5)
    assert new_shape([0, 9], (3, 4)) == (3, 9)
    assert new_shape([None, -1], (3, 4)) == (3, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: new_shape([1, 2], (3, 4, 5), name="roi_size"), r"roi_size must be one value or 3, got \[1, 2\]"),
        (lambda: Affine("image", mode="cubic"), "mode must be one of bilinear, nearest, got 'cubic'"),
        (lambda: Affine("image", scale_params=0.0)({"image": smooth()}), r"scale must not be 0, got \(?\[?0.0"),
        (lambda: RandAffine("image", 2), "prob must be >= 0 and <= 1, got 2"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
