from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from bundlert.transforms.intensity.sharpen import GaussianSharpen


@pytest.mark.parametrize("shape", [(12, 11), (8, 9, 7)])
def test_the_difference_of_two_blurs_is_added(changed, shape):
    data = np.random.default_rng(0).normal(size=(1, *shape))
    first = ndimage.gaussian_filter(data[0], 1.5, mode="constant")
    second = ndimage.gaussian_filter(first, 0.7, mode="constant")
    result = changed(GaussianSharpen("image", 1.5, 0.7, 20, "sampled"), data)
    np.testing.assert_allclose(result[0], first + 20 * (first - second), atol=1e-4)


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="sigma1 must be >= 0 voxels, got -1"):
        GaussianSharpen("image", -1)
    with pytest.raises(ValueError, match="sigma2 must be >= 0 voxels, got -1"):
        GaussianSharpen("image", 1, -1)
