from __future__ import annotations

import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.intensity.mask import MaskIntensity


@pytest.mark.parametrize("dtype", [torch.int16, torch.float32])
def test_nothing_is_left_outside_the_mask_and_dtypes_stay(picture, dtype):
    sample = {
        "image": picture(torch.tensor([[1, 2, 3], [4, 5, 6]]).to(dtype)),
        "mask": picture(torch.tensor([[0, 1, 2]])),
    }
    result = MaskIntensity("image", "mask")(sample)["image"].data
    assert result.tolist() == [[0, 2, 3], [0, 5, 6]]
    assert result.dtype == dtype


def test_nan_outside_becomes_0(picture):
    sample = {"image": picture(torch.tensor([[torch.nan, 1.0]])), "mask": picture(torch.tensor([[0, 1]]))}
    assert MaskIntensity("image", "mask")(sample)["image"].data.tolist() == [[0, 1]]


def test_a_function_may_choose_and_each_channel_may_have_its_mask(picture):
    sample = {"image": picture(torch.tensor([[1, 2], [3, 4]])), "mask": picture(torch.tensor([[0, 2], [2, 1]]))}
    assert MaskIntensity("image", "mask", lambda mask: mask == 2)(sample)["image"].data.tolist() == [[0, 2], [3, 0]]


def test_the_mask_must_fit(picture):
    image = picture(torch.zeros(3, 4))
    with pytest.raises(DataError, match="'mask' and 'image' differ in shape"):
        MaskIntensity("image", "mask")({"image": image, "mask": picture(torch.zeros(1, 3))})
    with pytest.raises(ValueError, match="'mask' must have 1 channel or 3, got 2"):
        MaskIntensity("image", "mask")({"image": image, "mask": picture(torch.zeros(2, 4))})
