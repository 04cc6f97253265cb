from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.channel import EnsureChannelFirst


def test_images_pass_as_they_are(make_image):
    image = make_image()
    assert EnsureChannelFirst("image")({"image": image})["image"] is image


@pytest.mark.parametrize("array", [torch.ones(3, 4, 5), np.ones((3, 4, 5), np.float32)])
def test_tensors_and_arrays_without_channels_get_one(array):
    image = EnsureChannelFirst("image")({"image": array})["image"]
    assert image.data.shape == (1, 3, 4, 5)
    np.testing.assert_array_equal(image.affine, np.eye(4))


def test_the_channel_axis_goes_to_the_front():
    assert EnsureChannelFirst("image", channel_dim=-1)({"image": torch.ones(3, 4, 2)})["image"].data.shape == (2, 3, 4)


def test_a_path_is_refused():
    with pytest.raises(DataError, match="'image' is not an image yet\n  got: str\n  try: put LoadImage before"):
        EnsureChannelFirst("image")({"image": "a.nii"})
