from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_smooth import RandGaussianSmooth, ranges_of
from bundlert.transforms.intensity.smooth import GaussianSmooth


@pytest.mark.parametrize("shape", [(1, 8, 9), (2, 6, 7, 8)])
def test_it_blurs_as_the_step_without_chance_does(picture, drawn, shape):
    data = torch.rand(shape)
    params = {"sigma": [0.5, 1.5, 0.7]}
    expected = GaussianSmooth("image", params["sigma"][: len(shape) - 1], "sampled")({"image": picture(data)})
    result = drawn(RandGaussianSmooth("image", approx="sampled"), data, params)
    np.testing.assert_array_equal(result, expected["image"].data)


def test_each_axis_has_its_range():
    rng = np.random.default_rng(0)
    transform = RandGaussianSmooth("image", 0.5, (1, 2), (3, 3), prob=1)
    drawn = np.array([transform.draw({}, rng)["sigma"] for _ in range(300)])
    assert (drawn.min(axis=0) >= [0, 1, 3]).all()
    assert (drawn.max(axis=0) <= [0.5, 2, 3]).all()
    assert np.ptp(drawn, axis=0) == pytest.approx([0.5, 1, 0], abs=0.03)


def test_ranges_are_checked():
    assert ranges_of("sigma", (1, (2, 3), 0), "erf") == [(0, 1), (2, 3), (0, 0)]
    with pytest.raises(ValueError, match=r"sigma_y must be >= 0 voxels, got \(-1, 1\)"):
        RandGaussianSmooth("image", sigma_y=(-1, 1))
    with pytest.raises(ValueError, match="approx must be one of erf, sampled, scalespace, got 'box'"):
        RandGaussianSmooth("image", approx="box")
