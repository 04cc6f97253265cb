from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.pad import SpatialPad


def test_small_axes_are_padded_on_both_sides_and_large_ones_stay(make_image):
    image = make_image((3, 6, 9))
    result = realize(SpatialPad("image", (6, 7, 8))({"image": image})["image"])
    np.testing.assert_array_equal(result.data, np.pad(image.data, ((0, 0), (1, 2), (0, 1), (0, 0))))
    np.testing.assert_allclose(result.grid.affine[:3, 3], [-1, 0, 0])


def test_an_image_that_is_large_enough_is_left_as_it_is(make_image):
    image = make_image((6, 7, 8))
    assert SpatialPad("image", (6, 2, 8))({"image": image})["image"] is image


def test_labels_keep_their_dtype(make_image):
    image = make_image(voxels=torch.ones(2, 2, 2, dtype=torch.uint8))
    result = realize(SpatialPad("image", (4, 4, 4))({"image": image})["image"])
    assert result.data.dtype == torch.uint8
    assert result.data.sum() == 8


def test_another_number_of_axes_is_refused(make_image):
    with pytest.raises(
        ValueError, match=r"spatial_size must have one value an axis of an image of 6 x 7 x 8, got \(6, 7\)"
    ):
        SpatialPad("image", (6, 7))({"image": make_image()})
