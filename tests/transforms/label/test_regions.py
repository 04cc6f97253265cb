from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.images.image import Wanted
from bundlert.transforms.label.regions import box_of, checked_connectivity, clear, labels_in, with_changed_array


def test_a_box_is_tight():
    array = np.zeros((7, 8, 9))
    assert box_of(array) is None
    array[2, 3, 4] = array[5, 3, 1] = -1
    assert box_of(array) == (slice(2, 6), slice(3, 4), slice(1, 5))
    assert box_of(np.array([0, 0, 1])) == (slice(2, 3),)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_labels_are_listed_without_0(dtype):
    array = np.array([[3, 0], [7, 3]], dtype)
    assert labels_in(array) == [3, 7]
    assert labels_in(array, [0, 5, 7]) == [7]
    assert labels_in(np.zeros(3, dtype)) == []


def test_neighbours_differ_along_some_axes_or_all():
    assert [checked_connectivity(number, 3) for number in (1, 2, 3, None)] == [1, 2, 3, 3]
    for number in (0, 3):
        with pytest.raises(ValueError, match=rf"connectivity must lie in 1..2 for 2 axes, got {number}"):
            checked_connectivity(number, 2)


def test_voxels_are_cleared_in_a_part_of_an_array():
    array = np.ones((3, 4))
    clear(array[1:, 1:3], np.array([0, 3]))
    assert array.tolist() == [[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1]]


def test_a_copy_is_changed_once_the_image_is_realized(picture):
    image = picture(torch.arange(6, dtype=torch.int16).view(1, 6))
    pending = type(image)(image.data, image.grid, wanted=Wanted(image.grid.cropped([2], [3])))

    def negate(array):
        array *= -1

    result = with_changed_array(pending, negate)
    assert result.data.tolist() == [[-2, -3, -4]]
    assert result.data.dtype == torch.int16
    assert image.data.tolist() == [[0, 1, 2, 3, 4, 5]]
