from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.contrast import AdjustContrast
from bundlert.transforms.intensity.random_contrast import RandAdjustContrast


@pytest.mark.parametrize("invert_image", [False, True])
@pytest.mark.parametrize("retain_stats", [False, True])
def test_it_bends_as_the_step_without_chance_does(picture, drawn, invert_image, retain_stats):
    data = torch.rand(2, 6, 7, 8)
    step = AdjustContrast("image", 1.7, invert_image, retain_stats)
    transform = RandAdjustContrast("image", invert_image=invert_image, retain_stats=retain_stats)
    np.testing.assert_array_equal(drawn(transform, data, {"gamma": 1.7}), step({"image": picture(data)})["image"].data)


@pytest.mark.parametrize(("given", "low", "high"), [(3, 0.5, 3), ((2, 4), 2, 4)])
def test_gamma_is_drawn_from_its_range(given, low, high):
    rng = np.random.default_rng(0)
    drawn = [RandAdjustContrast("image", 1, given).draw({}, rng)["gamma"] for _ in range(300)]
    assert low <= min(drawn) < low + 0.05
    assert high - 0.05 < max(drawn) <= high


def test_gamma_is_checked():
    with pytest.raises(ValueError, match=r"gamma must be > 0, got \(0, 1\)"):
        RandAdjustContrast("image", 1, (0, 1))
    with pytest.raises(ValueError, match=r"gamma must be a number >= 0.5 or \(low, high\), got 0.2"):
        RandAdjustContrast("image", 1, 0.2)
