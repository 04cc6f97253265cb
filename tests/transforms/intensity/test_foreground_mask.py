from __future__ import annotations

import colorsys

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.intensity.foreground_mask import ForegroundMask, _hsv
from bundlert.transforms.intensity.otsu import otsu_threshold


def mask(picture, data, **arguments):
    result = ForegroundMask("image", **arguments)({"image": picture(data)})["image"].data
    assert result.dtype == torch.uint8
    assert len(result) == 1
    return result[0].numpy()


def slide():
    """Pink tissue and grey dust on white."""
    colours = np.full((3, 8, 9), 240, np.uint8)
    colours[:, 2:5, 2:5] = np.array([200, 90, 160])[:, None, None]
    colours[:, 6, 6] = 100
    return torch.from_numpy(colours)


def test_dark_is_foreground_in_any_channel(picture):
    colours = slide()
    expected = (colours <= 150).any(dim=0)
    np.testing.assert_array_equal(mask(picture, colours, threshold=150), expected)
    np.testing.assert_array_equal(mask(picture, colours, threshold={"G": 95}), colours[1] <= 95)


def test_otsu_finds_the_thresholds(picture):
    colours = slide()
    limits = [otsu_threshold(channel) for channel in colours]
    expected = sum(channel <= limit for channel, limit in zip(colours.numpy(), limits, strict=True)) > 0
    np.testing.assert_array_equal(mask(picture, colours), expected)


def test_colour_tells_tissue_from_dust(picture):
    found = mask(picture, slide(), hsv_threshold={"S": 0.3})
    assert found[2:5, 2:5].all()
    assert found.sum() == 9


def test_grey_images_and_bright_tissue(picture):
    grey = torch.tensor([[[0, 10, 200, 250]]], dtype=torch.uint8)
    assert mask(picture, grey, threshold=100).tolist() == [[1, 1, 0, 0]]
    assert mask(picture, grey, threshold=100, invert=True).tolist() == [[0, 0, 1, 1]]
    assert mask(picture, grey / 250, invert=True).tolist() == [[0, 0, 1, 1]]


def test_hue_saturation_and_value_are_those_of_the_standard_library():
    colours = torch.rand(3, 50, generator=torch.Generator().manual_seed(0))
    colours[:, :3] = torch.tensor([[0, 0.5, 1.0]] * 3)
    expected = np.array([colorsys.rgb_to_hsv(*colour) for colour in colours.T.tolist()]).T
    np.testing.assert_allclose(_hsv(colours), expected, atol=1e-5)


def test_the_mask_may_stand_at_another_key(picture):
    image = picture(slide())
    result = ForegroundMask("image", new_key_prefix="mask_")({"image": image})
    assert result["image"] is image
    assert result["mask_image"].data.shape == (1, 8, 9)


@pytest.mark.parametrize("threshold", ["li", {"X": 3}, {}, {"R": "li"}])
def test_thresholds_are_checked(threshold):
    with pytest.raises(ValueError, match="threshold must be a number or 'otsu', or such for some of R, G, B, got"):
        ForegroundMask("image", threshold)


def test_other_channels_are_refused(picture):
    with pytest.raises(DataError, match="neither grey nor RGB\n  got: 2 channels\n  expected: 1 or 3"):
        ForegroundMask("image")({"image": picture(torch.zeros(2, 3, 3))})
