"""The values are held to the definition in the tests of the loss and of the metric."""

import pytest
import torch
from scipy.ndimage import uniform_filter

from bundlert.ops.similarity import Similarity

USUAL = {"data_range": 1.0, "kernel_type": "uniform", "win_size": 7, "kernel_sigma": 1.5, "k1": 0.01, "k2": 0.03}


def by_scipy(x, y):
    """Means of windows of 7 by scipy, where they lie inside."""
    inner = (slice(3, -3),) * x.ndim
    m_x, m_y, xx, yy, xy = (uniform_filter(one, 7)[inner] for one in (x, y, x * x, y * y, x * y))
    variances, covariances = xx - m_x**2 + yy - m_y**2, xy - m_x * m_y
    above = (2 * m_x * m_y + 0.01**2) * (2 * covariances + 0.03**2)
    return (above / ((m_x**2 + m_y**2 + 0.01**2) * (variances + 0.03**2))).mean()


@pytest.mark.parametrize("shape", [(40,), (12, 15), (9, 10, 8)])
def test_it_is_that_of_windows_by_scipy_for_each_item(shape):
    images = torch.rand(2, 2, 1, *shape, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    x, y = images[0], 0.7 * images[0] + 0.3 * images[1]
    expected = [by_scipy(x[item, 0].numpy(), y[item, 0].numpy()) for item in range(2)]
    assert Similarity(**USUAL).mean(x, y).tolist() == pytest.approx(expected, abs=1e-12)


def test_the_gradient_is_that_of_finite_differences():
    x, y = torch.rand(2, 1, 2, 5, 6, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    similarity = Similarity(**{**USUAL, "win_size": (3, 4), "kernel_type": "gaussian"})
    assert torch.autograd.gradcheck(lambda given: similarity.mean(given, y), x)


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="kernel_type must be gaussian or uniform, got 'box'"):
        Similarity(**{**USUAL, "kernel_type": "box"})
    with pytest.raises(ValueError, match="kernel_sigma must be positive and finite, got inf"):
        Similarity(**{**USUAL, "kernel_sigma": float("inf")})
    with pytest.raises(ValueError, match=r"win_size must have one for each of 2 axes, got \[3\]"):
        Similarity(**{**USUAL, "win_size": [3]}).kernels(2)
    image = torch.zeros(1, 1, 6, 9)
    with pytest.raises(ValueError, match=r"images must be as large as a window, \(7, 7\), got \(6, 9\)"):
        Similarity(**USUAL).mean(image, image)
