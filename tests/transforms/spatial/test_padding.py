from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.crop.center import CenterSpatialCrop
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.pad import BorderPad, SpatialPad
from bundlert.transforms.spatial.padding import box_around, checked_method

IN_NUMPY = {"replicate": "edge", "border": "edge", "circular": "wrap", "zeros": "constant", "reflection": "symmetric"}


def padded(image, mode, width=((1, 2), (3, 0), (2, 2))):
    return np.pad(image.data[0].numpy(), width, mode=IN_NUMPY.get(mode, mode))


@pytest.mark.parametrize(
    "mode",
    ["constant", "edge", "symmetric", "reflect", "wrap", "replicate", "circular", "border", "zeros", "reflection"],
)
def test_each_mode_is_numpys(make_image, mode):
    for image in (make_image((5, 6, 7)), make_image(voxels=torch.arange(210, dtype=torch.uint8).view(5, 6, 7))):
        result = realize(BorderPad("image", (1, 2, 3, 0, 2, 2), mode)({"image": image})["image"])
        np.testing.assert_array_equal(result.data[0], padded(image, mode))
        assert result.data.dtype == image.data.dtype
        np.testing.assert_array_equal(result.grid.affine[:3, 3], [-1, -3, -2])


@pytest.mark.parametrize("mode", ["symmetric", "reflect", "wrap"])
def test_more_than_there_is_goes_around_again_and_again(make_image, mode):
    image = make_image((2, 3, 1))
    result = realize(BorderPad("image", 5, mode)({"image": image})["image"])
    np.testing.assert_array_equal(result.data[0], np.pad(image.data[0].numpy(), 5, mode=mode))


def test_each_key_has_its_mode_and_a_constant_its_value(make_image):
    image = make_image((4, 4, 4))
    result = BorderPad(["a", "b"], 1, ["constant", "edge"], -1024)({"a": image, "b": image})
    np.testing.assert_array_equal(realize(result["a"]).data[0], np.pad(image.data[0].numpy(), 1, constant_values=-1024))
    np.testing.assert_array_equal(realize(result["b"]).data[0], np.pad(image.data[0].numpy(), 1, mode="edge"))


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "edge"])
def test_a_pending_crop_is_padded_from_what_it_kept(make_image, mode):
    image = make_image((6, 6, 6))
    cropped = CenterSpatialCrop("image", 4)({"image": image})
    result = realize(BorderPad("image", 2, mode)(cropped)["image"])
    np.testing.assert_array_equal(result.data[0], np.pad(image.data[0, 1:5, 1:5, 1:5].numpy(), 2, mode=mode))


def test_pads_of_different_values_lie_around_each_other(make_image):
    image = make_image((2, 2, 2))
    sample = BorderPad("image", 1, value=5)(BorderPad("image", 1, value=3)({"image": image}))
    expected = np.pad(np.pad(image.data[0].numpy(), 1, constant_values=3), 1, constant_values=5)
    np.testing.assert_array_equal(realize(sample["image"]).data[0], expected)


def test_pads_of_one_value_are_one_wish(make_image):
    image = make_image((2, 2, 2))
    result = BorderPad("image", 1)(SpatialPad("image", 5)({"image": image}))["image"]
    assert result.data is image.data
    assert realize(result).data.shape == (1, 7, 7, 7)


def test_a_box_lies_about_the_middle_or_has_its_padding_behind():
    assert box_around((7, 3), (4, 6), "symmetric") == ([-1, 2], (7, 3))
    assert box_around((7, 3), (4, 6), "end") == ([0, 2], (7, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BorderPad("a", 1, "mean"), "mode must be one of border, circular, constant, .*, got 'mean'"),
        (lambda: BorderPad(["a", "b"], 1, ["edge"]), r"mode must be one value or one per key \(a, b\)"),
        (lambda: checked_method("both"), "method must be one of symmetric, end, got 'both'"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
