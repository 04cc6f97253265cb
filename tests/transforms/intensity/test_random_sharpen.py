from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_sharpen import RandGaussianSharpen
from bundlert.transforms.intensity.sharpen import GaussianSharpen


@pytest.mark.parametrize("shape", [(1, 8, 9), (2, 6, 7, 8)])
def test_it_sharpens_as_the_step_without_chance_does(picture, drawn, shape):
    data, axes = torch.rand(shape), len(shape) - 1
    params = {"sigma1": [0.5, 1.5, 0.7], "sigma2": [0.4, 0.3, 0.6], "alpha": 12.0}
    step = GaussianSharpen("image", params["sigma1"][:axes], params["sigma2"][:axes], 12.0)
    expected = step({"image": picture(data)})["image"].data
    np.testing.assert_array_equal(drawn(RandGaussianSharpen("image"), data, params), expected)


def test_the_second_deviation_goes_up_to_the_first_or_has_its_range():
    rng = np.random.default_rng(0)
    transform = RandGaussianSharpen("image", sigma1_x=(1, 2), sigma2_x=0.5, sigma2_y=(3, 4), alpha=(5, 6), prob=1)
    for _ in range(200):
        params = transform.draw({}, rng)
        assert 0.5 <= params["sigma2"][0] <= params["sigma1"][0] <= 2
        assert 3 <= params["sigma2"][1] <= 4
        assert 5 <= params["alpha"] <= 6


def test_a_first_deviation_below_the_second_is_no_mistake():
    params = RandGaussianSharpen("image", sigma1_x=(0.1, 0.2), sigma2_x=0.5, prob=1).draw({}, np.random.default_rng(0))
    assert params["sigma1"][0] <= params["sigma2"][0] <= 0.5


def test_ranges_are_checked():
    with pytest.raises(ValueError, match="sigma1_x must be a number >= 0"):
        RandGaussianSharpen("image", sigma1_x=-1)
    with pytest.raises(ValueError, match="sigma2_z must be >= 0 voxels, got -1"):
        RandGaussianSharpen("image", sigma2_z=-1)
    with pytest.raises(ValueError, match=r"sigma2_z must be a number or \(low, high\), got \(1, 0\)"):
        RandGaussianSharpen("image", sigma2_z=(1, 0))
