from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.scale_range import ScaleIntensityRange


def scaled(make_image, values, *arguments, **more):
    image = make_image(voxels=torch.tensor(values, dtype=torch.int16).view(-1, 1, 1))
    result = ScaleIntensityRange("image", *arguments, **more)({"image": image})["image"].data
    assert result.dtype == torch.float32
    assert image.data.flatten().tolist() == values
    return result.flatten().tolist()


def test_the_abdominal_window(make_image):
    expected = [(-100 + 57) / 221, 0, 57 / 221, 1, 1057 / 221]
    np.testing.assert_allclose(scaled(make_image, [-100, -57, 0, 164, 1000], -57, 164), expected, rtol=1e-6)


def test_clip_cuts_at_the_ends(make_image):
    assert scaled(make_image, [-1000, -57, 164, 1000], -57, 164, clip=True) == [0, 0, 1, 1]


def test_any_range_may_be_the_target(make_image):
    np.testing.assert_allclose(scaled(make_image, [0, 5, 10], 0, 10, -1, 1), [-1, 0, 1], atol=1e-7)


def test_the_lower_end_becomes_exactly_b_min(make_image):
    assert scaled(make_image, [-57], -57, 164) == [0.0]


@pytest.mark.parametrize("ends", [(1, 1), (2, 1), (0, 1, 2, 1)])
def test_empty_ranges_are_refused(ends):
    with pytest.raises(ValueError, match="a_min < a_max and b_min <= b_max must hold"):
        ScaleIntensityRange("image", *ends)
