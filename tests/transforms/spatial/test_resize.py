from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate
from transforms.spatial.by_scipy import blocks, smooth

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.resize import Resize


@pytest.mark.parametrize(
    ("old", "new"),
    [((17, 14), (9, 30)), ((13, 12, 11), (7, 25, 11)), ((13, 12, 11), (1, 2, 40)), ((5, 6, 7), (5, 6, 7))],
)
def test_it_is_torchs_interpolate_of_whole_cells(old, new):
    image, label = smooth(old), blocks(old)
    sample = Resize(["image", "label"], new, mode=["bilinear", "nearest"])({"image": image, "label": label})
    mode = "bilinear" if len(old) == 2 else "trilinear"
    expected = interpolate(image.data[None].double(), new, mode=mode, align_corners=False)[0]
    torch.testing.assert_close(realize(sample["image"]).data, expected.float(), atol=1e-5, rtol=1e-5)
    expected = interpolate(label.data[None].double(), new, mode="nearest-exact")[0]
    np.testing.assert_array_equal(realize(sample["label"]).data, expected)


def test_the_outer_faces_stay_in_the_world():
    image = smooth((13, 12, 11))
    result = Resize("image", (7, 25, 3))({"image": image})["image"]
    for new, old in (([-0.5] * 3, [-0.5] * 3), ([6.5, 24.5, 2.5], [12.5, 11.5, 10.5])):
        np.testing.assert_allclose(result.affine @ [*new, 1], image.grid.affine @ [*old, 1], atol=1e-9)


def test_an_axis_may_stay_and_one_number_may_stand_for_all():
    image = smooth((13, 12, 11))
    assert Resize("image", (-1, 6, 0))({"image": image})["image"].shape == (13, 6, 11)
    assert Resize("image", 6)({"image": image})["image"].shape == (6, 6, 6)


def test_the_longest_axis_leads_the_others():
    image = smooth((20, 10, 5))
    assert Resize("image", 30, "longest")({"image": image})["image"].shape == (30, 15, 8)
    assert Resize("image", 2, "longest")({"image": image})["image"].shape == (2, 1, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Resize("image", 6, "shortest"), "size_mode must be one of all, longest, got 'shortest'"),
        (lambda: Resize("image", (6, 6), "longest"), r"one number >= 1 for size_mode 'longest', got \(6, 6\)"),
        (lambda: Resize("image", (6, 6))({"image": smooth()}), r"spatial_size must be one value or 3, got \(6, 6\)"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
