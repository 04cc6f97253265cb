from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.spacing import Spacing


def test_a_ramp_in_mm_stays_the_same_ramp_in_mm(make_image):
    ramp = (torch.arange(11) * 3.0).view(11, 1, 1).expand(11, 4, 4).contiguous()
    image = make_image(voxels=ramp, spacing=(3, 1, 1))
    result = realize(Spacing("image", (2, 1, 1))({"image": image})["image"])
    assert result.shape == (16, 4, 4)
    np.testing.assert_allclose(result.data[0, :, 0, 0], np.arange(16) * 2.0, atol=1e-5)


def test_each_key_has_its_mode(make_image):
    label = make_image(voxels=(torch.arange(64).reshape(4, 4, 4) % 3).to(torch.uint8))
    sample = Spacing(["image", "label"], 0.7, mode=["bilinear", "nearest"])({"image": make_image(), "label": label})
    assert realize(sample["label"]).data.dtype == torch.uint8
    assert set(realize(sample["label"]).data.unique().tolist()) == {0, 1, 2}
    assert realize(sample["image"]).data.dtype == torch.float32


def test_the_voxel_that_sticks_out_has_the_border_value(make_image):
    image = make_image(voxels=torch.arange(4.0).view(4, 1, 1), spacing=(1, 1, 1))
    result = realize(Spacing("image", (1.2, 1, 1))({"image": image})["image"])  # 3 / 1.2 + 1 = 3.5 -> 4, ends at 3.6
    np.testing.assert_allclose(result.data.flatten(), [0, 1.2, 2.4, 3], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pixdim": (1, 0, 1)}, "pixdim must be > 0 along each axis, in mm"),
        ({"pixdim": 1.0, "mode": "cubic"}, "mode must be one of bilinear, nearest"),
        ({"pixdim": 1.0, "mode": ["nearest", "nearest"]}, "mode must be one value or one per key"),
        ({"pixdim": 1.0, "padding_mode": "wrap"}, "padding must be one of border, zeros, reflection or a value"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments, message):
    with pytest.raises(ValueError, match=message):
        Spacing("image", **arguments)
