from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_gibbs import RandGibbsNoise, cut_off


def plain(data, radius):
    """Spectrum by spectrum, on the whole of it, with the distance of every frequency."""
    spectrum = np.fft.fftshift(np.fft.fftn(data))
    steps = np.meshgrid(*(np.arange(size) - size // 2 for size in data.shape), indexing="ij")
    spectrum[sum(step**2 for step in steps) > radius**2] = 0
    return np.fft.ifftn(np.fft.ifftshift(spectrum)).real


@pytest.mark.parametrize("shape", [(12, 9), (8, 10, 7), (9, 6, 6), (11,)])
@pytest.mark.parametrize("radius", [0, 2.5, 4])
def test_what_is_further_from_frequency_0_is_left_out(shape, radius):
    data = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    expected = [plain(part, radius) for part in data]
    np.testing.assert_allclose(cut_off(torch.from_numpy(data), radius), expected, atol=1e-5)


def test_alpha_0_leaves_two_axes_as_they_are_and_1_the_mean(drawn):
    data = np.random.default_rng(0).normal(3, 1, size=(1, 12, 9)).astype(np.float32)
    np.testing.assert_allclose(drawn(RandGibbsNoise("image"), data, {"alpha": 0.0}), data, atol=1e-5)
    np.testing.assert_allclose(drawn(RandGibbsNoise("image"), data, {"alpha": 1.0}), data.mean(), rtol=1e-5)


def test_edges_ring(drawn):
    data = torch.zeros(1, 64, 64, dtype=torch.int16)
    data[:, 16:48] = 100
    result = drawn(RandGibbsNoise("image"), data, {"alpha": 0.7})
    assert 105 < result.max() < 125
    assert -25 < result.min() < -5


def test_alpha_is_drawn_from_its_range():
    rng = np.random.default_rng(0)
    for given, low, high in ((0.4, 0, 0.4), ((0.2, 0.9), 0.2, 0.9)):
        drawn = [RandGibbsNoise("image", 1, given).draw({}, rng)["alpha"] for _ in range(300)]
        assert low <= min(drawn) < low + 0.05
        assert high - 0.05 < max(drawn) <= high


@pytest.mark.parametrize("alpha", [(-0.1, 0.5), (0, 1.5), 2])
def test_alpha_is_checked(alpha):
    with pytest.raises(ValueError, match=r"alpha must lie in 0..1, got"):
        RandGibbsNoise("image", 1, alpha)
