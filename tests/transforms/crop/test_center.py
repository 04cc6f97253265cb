from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.transforms.crop.center import CenterScaleCrop, CenterSpatialCrop, scaled
from bundlert.transforms.lazy import realize


@pytest.mark.parametrize(
    ("size", "box"),
    [
        (4, np.s_[1:5, 1:5, 2:6]),  # voxel 3 of 6 and of 7 becomes voxel 2
        ((3, 1, 8), np.s_[2:5, 3:4, 0:8]),
        ((-1, 2, 100), np.s_[:, 2:4, :]),
        ((None, 7, 0), np.s_[:, :, :]),
    ],
)
def test_the_middle_is_kept_bit_by_bit(make_image, size, box):
    image = make_image((6, 7, 8))
    result = realize(CenterSpatialCrop("image", size)({"image": image})["image"])
    assert torch.equal(result.data[0], image.data[0][box])
    np.testing.assert_array_equal(result.grid.affine[:3, 3], [side.start or 0 for side in box])


def test_no_voxel_is_touched_before_it_is_read(make_image):
    image = make_image((6, 7, 8))
    assert CenterSpatialCrop("image", 3)({"image": image})["image"].data is image.data


def test_a_share_is_rounded_up(make_image):
    image = make_image((6, 7, 8))
    result = realize(CenterScaleCrop("image", (0.5, 0.5, 2))({"image": image})["image"])
    assert torch.equal(result.data, image.data[:, 2:5, 1:5])
    assert CenterScaleCrop("image", 0.01)({"image": image})["image"].shape == (1, 1, 1)


@given(st.integers(1, 500), st.integers(1, 100))
def test_a_share_in_percent_is_what_whole_numbers_say(room, percent):
    """0.55 * 100 is 55.00000000000001, and means 55."""
    assert scaled("share", percent / 100, (room,)) == (-(-room * percent // 100),)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CenterScaleCrop("image", 0.0), "roi_scale must be > 0, got 0.0"),
        (lambda: CenterScaleCrop("image", []), r"roi_scale must be > 0, got \[\]"),
        (lambda: scaled("roi_scale", (1, 1), (3, 3, 3)), r"roi_scale must be one value or 3, got \(1, 1\)"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_size_for_other_axes_is_refused(make_image):
    with pytest.raises(ValueError, match=r"roi_size must be one value or 3, got \(3, 3\)"):
        CenterSpatialCrop("image", (3, 3))({"image": make_image()})
