from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.crop.center import CenterSpatialCrop
from bundlert.transforms.crop.pad_or_crop import ResizeWithPadOrCrop
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.pad import SpatialPad


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("method", ["symmetric", "end"])
@pytest.mark.parametrize("size", [(4, 9, 8), 5, (-1, 3, 13), (12, 12, 12)])
def test_it_is_a_crop_to_the_middle_and_then_a_pad(make_image, mode, method, size):
    image = make_image((6, 7, 8))
    result = realize(ResizeWithPadOrCrop("image", size, mode, method, 3)({"image": image})["image"])
    two = SpatialPad("image", size, method, mode, 3)(CenterSpatialCrop("image", size)({"image": image}))
    assert torch.equal(result.data, realize(two["image"]).data)
    assert result.grid.same_as(two["image"].target)


def test_by_hand(make_image):
    image = make_image((6, 3, 8))
    result = realize(ResizeWithPadOrCrop("image", (4, 6, 8))({"image": image})["image"])
    np.testing.assert_array_equal(result.data[0], np.pad(image.data[0, 1:5], [(0, 0), (1, 2), (0, 0)]))


def test_a_crop_takes_no_more_memory_than_itself(make_image):
    image = make_image((20, 20, 20))
    result = realize(ResizeWithPadOrCrop("image", 2)({"image": image})["image"])
    assert result.data.untyped_storage().nbytes() == 8 * 4


def test_the_right_size_is_left_as_it_is(make_image):
    image = make_image((6, 7, 8))
    assert ResizeWithPadOrCrop("image", (6, -1, 8))({"image": image})["image"] is image


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"spatial_size": 3, "mode": "mean"}, "mode must be one of .*, got 'mean'"),
        ({"spatial_size": 3, "method": "front"}, "method must be one of symmetric, end, got 'front'"),
    ],
)
def test_what_cant_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ResizeWithPadOrCrop("image", **arguments)
