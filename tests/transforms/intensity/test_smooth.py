from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.transforms.intensity.gaussian import blurred
from bundlert.transforms.intensity.smooth import GaussianSmooth


@given(sigma=st.floats(0.8, 1.4))
def test_a_point_keeps_its_mass_and_spreads_by_sigma(changed, sigma):
    data = torch.zeros(1, 21, 21)
    data[0, 10, 10] = 8
    result = changed(GaussianSmooth("image", sigma, "scalespace"), data)[0].astype(np.float64)
    assert result.sum() == pytest.approx(8, rel=1e-5)
    assert (result.sum(axis=1) * (np.arange(21) - 10.0) ** 2).sum() / 8 == pytest.approx(sigma**2, rel=0.02)


@pytest.mark.parametrize("dtype", [torch.int16, torch.float16])
def test_dtypes_sigmas_and_approximations_arrive(changed, dtype):
    data = (torch.rand(2, 6, 7, 5) * 100).to(dtype)
    result = changed(GaussianSmooth("image", [1, 0.5, 2], "sampled"), data)
    np.testing.assert_allclose(result, blurred(data.to(torch.float32), [1, 0.5, 2], "sampled"))


def test_arguments_are_checked():
    with pytest.raises(ValueError, match=r"sigma must be >= 0 voxels, got \[1, -1\]"):
        GaussianSmooth("image", [1, -1])
