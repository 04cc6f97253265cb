from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_noise import RandGaussianNoise

ZEROS = torch.zeros(1, 40, 50, 30, dtype=torch.int16)


def test_noise_has_the_drawn_mean_and_deviation(drawn):
    result = drawn(RandGaussianNoise("image", mean=3), ZEROS, {"std": 0.2, "seed": 5})
    assert result.mean() == pytest.approx(3, abs=0.01)
    assert result.std() == pytest.approx(0.2, abs=0.01)


def test_it_is_added(drawn):
    data = torch.rand(2, 5, 6)
    transform = RandGaussianNoise("image")
    noise = drawn(transform, torch.zeros(2, 5, 6), {"std": 0.2, "seed": 5})
    np.testing.assert_allclose(drawn(transform, data, {"std": 0.2, "seed": 5}), data.numpy() + noise, atol=1e-6)


def test_the_deviation_is_drawn_up_to_std_or_is_std():
    rng = np.random.default_rng(0)
    drawn = [RandGaussianNoise("image", 1, std=0.5).draw({}, rng)["std"] for _ in range(500)]
    assert 0 <= min(drawn) < 0.02
    assert 0.48 < max(drawn) <= 0.5
    assert RandGaussianNoise("image", 1, std=0.5, sample_std=False).draw({}, rng)["std"] == 0.5


def test_keys_of_one_shape_have_the_same_noise(picture):
    sample = {"a": picture(torch.zeros(1, 5)), "b": picture(torch.ones(1, 5))}
    result = RandGaussianNoise(["a", "b"], 1)(sample, np.random.default_rng(0))
    torch.testing.assert_close(result["a"].data + 1, result["b"].data)


def test_std_is_checked():
    with pytest.raises(ValueError, match="std must be >= 0, got -1"):
        RandGaussianNoise("image", std=-1)
