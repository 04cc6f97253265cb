from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_voxels import RandomVoxels, as_range


class Add(RandomVoxels):
    def drawn(self, _sample, rng):
        return {"amount": int(rng.integers(1, 100))}

    def changed(self, data, params):
        return data + params["amount"]


def test_all_keys_change_alike_and_become_float32(picture):
    sample = {"a": picture(torch.zeros(1, 3, dtype=torch.int16)), "b": picture(torch.zeros(1, 4))}
    result = Add(["a", "b"], prob=1)(sample, np.random.default_rng(0))
    assert result["a"].data.unique().tolist() == result["b"].data.unique().tolist() != [0]
    assert result["a"].data.dtype == torch.float32


def test_it_happens_as_often_as_asked():
    rng = np.random.default_rng(0)
    transform = Add("image", prob=0.3)
    assert sum(bool(transform.draw({}, rng)) for _ in range(2000)) / 2000 == pytest.approx(0.3, abs=0.04)


def test_nothing_drawn_leaves_the_sample_alone(picture):
    sample = {"image": picture(torch.zeros(1, 3))}
    assert Add("image", prob=1).apply(sample, {}) is sample


@pytest.mark.parametrize("prob", [-0.1, 1.1])
def test_prob_is_a_probability(prob):
    with pytest.raises(ValueError, match=f"prob must lie in 0..1, got {prob}"):
        Add("image", prob)


def test_a_range_is_two_numbers_or_one_that_stands_for_two():
    assert as_range("x", 0.3) == (-0.3, 0.3)
    assert as_range("x", -2) == (-2, 2)
    assert as_range("x", 3, 0.5) == (0.5, 3)
    assert as_range("x", [1, 2]) == (1, 2)
    with pytest.raises(ValueError, match=r"x must be a number or \(low, high\), got \[2, 1\]"):
        as_range("x", [2, 1])
    with pytest.raises(ValueError, match=r"x must be a number >= 0.5 or \(low, high\), got 0.1"):
        as_range("x", 0.1, 0.5)
    with pytest.raises(ValueError, match=r"x must be a number or \(low, high\), got \(1, 2, 3\)"):
        as_range("x", (1, 2, 3))
