from __future__ import annotations

import json

import numpy as np
import pytest
from transforms.spatial.by_scipy import blocks, smooth

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.rotate import Rotate
from bundlert.transforms.spatial.rotate90 import RandRotate90, Rotate90


@pytest.mark.parametrize("k", [-2, -1, 0, 1, 2, 3, 5])
@pytest.mark.parametrize("plane", [(0, 1), (1, 2), (2, 0), (-1, 0)])
def test_voxels_are_numpys_bit_by_bit(k, plane):
    for image in (smooth(), blocks()):
        result = realize(Rotate90("image", k, plane)({"image": image})["image"])
        np.testing.assert_array_equal(result.data[0], np.rot90(image.data[0].numpy(), k, plane))
        assert result.data.dtype == image.data.dtype


def test_in_2d_too():
    image = smooth((5, 7))
    result = realize(Rotate90("image")({"image": image})["image"])
    np.testing.assert_array_equal(result.data[0], np.rot90(image.data[0].numpy()))


def test_a_voxel_stays_in_the_world():
    """Counted by hand: [i, j] of the result is [j, n - 1 - i] of the image, n its voxels along the second axis."""
    image = smooth()
    result = Rotate90("image")({"image": image})["image"]
    np.testing.assert_allclose(result.affine @ [2, 3, 4, 1], image.grid.affine @ [3, 12 - 1 - 2, 4, 1], atol=1e-12)


def test_a_cube_turns_as_by_an_angle():
    image = smooth((9, 9, 9))
    right = Rotate90("image", 1, (1, 2))({"image": image})["image"]
    assert Rotate("image", (-np.pi / 2, 0, 0))({"image": image})["image"].target.same_as(right.target)


def test_never_always_and_all_alike():
    sample = {"image": smooth(), "label": blocks()}
    rng, seen = np.random.default_rng(0), set()
    for _ in range(30):
        assert RandRotate90(["image", "label"], 0)(sample, rng) == sample
        step = RandRotate90(["image", "label"], 1, 3, (0, 2))
        params = step.draw(sample, rng)
        seen.add(params["k"])
        result = step.apply(sample, json.loads(json.dumps(params)))
        for key, image in sample.items():
            expected = np.rot90(image.data[0].numpy(), params["k"], (0, 2))
            np.testing.assert_array_equal(realize(result[key]).data[0], expected)
    assert seen == {1, 2, 3}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Rotate90("image", 1, (0, 0)), r"spatial_axes must be two different axes, got \(0, 0\)"),
        (lambda: Rotate90("image", 1, (0, 1, 2)), r"spatial_axes must be two different axes, got \(0, 1, 2\)"),
        (lambda: Rotate90("image", 1, (0, 3))({"image": smooth()}), r"axes must be >= 0 and < 3, got \[0, 3\]"),
        (lambda: RandRotate90("image", 1, 0), "max_k must be >= 1, got 0"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
