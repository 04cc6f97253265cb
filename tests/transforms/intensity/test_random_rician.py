from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import rice

from bundlert.transforms.intensity.random_rician import RandRicianNoise

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


@pytest.mark.parametrize("signal", [0, 1, 5])
def test_magnitudes_follow_the_distribution_of_rice(drawn, signal):
    result = drawn(RandRicianNoise("image"), torch.full((1, 60, 50, 20), signal), {"std": 1.0, "seed": 3})
    assert result.mean() == pytest.approx(rice(signal).mean(), abs=0.02)
    assert result.std() == pytest.approx(rice(signal).std(), abs=0.02)
    assert (result >= 0).all()


def test_without_noise_a_magnitude_is_left(drawn):
    np.testing.assert_allclose(drawn(RandRicianNoise("image"), DATA, {"std": 0.0, "seed": 3}), abs(DATA), rtol=1e-6)


def test_a_mean_moves_both_parts(drawn):
    result = drawn(RandRicianNoise("image", mean=4), torch.full((1, 3), -1.0), {"std": 0.0, "seed": 3})
    np.testing.assert_allclose(result, 5)


@pytest.mark.parametrize("channel_wise", [False, True])
def test_relative_noise_goes_with_the_image(drawn, channel_wise):
    data = DATA * np.array([1, 10], np.float32).reshape(2, 1, 1, 1)
    transform = RandRicianNoise("image", relative=True, channel_wise=channel_wise)
    result = drawn(transform, data, {"std": 0.1, "seed": 3})
    deviation = data.std(axis=(1, 2, 3) if channel_wise else None, keepdims=True)
    plain = drawn(RandRicianNoise("image"), data / deviation, {"std": 0.1, "seed": 3})
    np.testing.assert_allclose(result, plain * deviation, rtol=2e-3, atol=1e-2)


def test_the_deviation_is_drawn_up_to_std_or_is_std():
    rng = np.random.default_rng(0)
    drawn = [RandRicianNoise("image", 1, std=0.5).draw({}, rng)["std"] for _ in range(500)]
    assert 0 <= min(drawn) < max(drawn) <= 0.5
    assert RandRicianNoise("image", 1, std=0.5, sample_std=False).draw({}, rng)["std"] == 0.5


def test_std_is_checked():
    with pytest.raises(ValueError, match="std must be >= 0, got -1"):
        RandRicianNoise("image", std=-1)
