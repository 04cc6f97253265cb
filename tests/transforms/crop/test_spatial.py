from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.crop.spatial import SpatialCrop
from bundlert.transforms.lazy import realize

BY_BOTH = [
    ({"roi_start": (1, 2, 3), "roi_end": (4, 7, 8)}, np.s_[1:4, 2:7, 3:8]),
    ({"roi_start": (-3, 0, 2), "roi_end": (4, 100, 3)}, np.s_[0:4, :, 2:3]),
    ({"roi_start": 2, "roi_end": 5}, np.s_[2:5, 2:5, 2:5]),
    ({"roi_center": (3, 3, 4), "roi_size": (3, 4, 2)}, np.s_[2:5, 1:5, 3:5]),
    ({"roi_center": (0, 6, 4), "roi_size": 4}, np.s_[0:4, 4:7, 2:6]),
]


@pytest.mark.parametrize(("arguments", "box"), BY_BOTH)
def test_the_box_is_kept_bit_by_bit(make_image, arguments, box):
    image = make_image((6, 7, 8))
    label = make_image(voxels=torch.arange(336).view(6, 7, 8).to(torch.int16))
    result = SpatialCrop(["image", "label"], **arguments)({"image": image, "label": label})
    for key, old in (("image", image), ("label", label)):
        assert result[key].data is old.data
        new = realize(result[key])
        assert torch.equal(new.data[0], old.data[0][box])
        assert new.data.dtype == old.data.dtype
        np.testing.assert_array_equal(new.grid.affine[:3, 3], [side.start or 0 for side in box])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "roi_center and roi_size, or roi_start and roi_end must be given, got None, None, None, None"),
        ({"roi_center": 1, "roi_end": 3}, "must be given, got 1, None, None, 3"),
        ({"roi_center": 1, "roi_size": 3, "roi_start": 1}, "must be given, got 1, 3, 1, None"),
    ],
)
def test_half_a_box_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SpatialCrop("image", **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"roi_start": (6, 0, 0), "roi_end": 7},
            r"the box from \[6, 0, 0\] to \[7, 7, 7\] must have voxels of the image of \(6, 7, 8\)",
        ),
        ({"roi_center": 3, "roi_size": 0}, r"the box from \[3, 3, 3\] to \[3, 3, 3\] must have voxels"),
        ({"roi_center": (1, 2), "roi_size": 3}, r"roi_center must be one value or 3, got \(1, 2\)"),
    ],
)
def test_a_box_without_voxels_is_refused(make_image, arguments, message):
    with pytest.raises(ValueError, match=message):
        SpatialCrop("image", **arguments)({"image": make_image((6, 7, 8))})
