from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.noise import drawn_seed, normal_field, uniform_field

CPU = torch.device("cpu")


@pytest.mark.parametrize("field", [normal_field, uniform_field])
def test_a_seed_stands_for_a_field(field):
    seed = drawn_seed(np.random.default_rng(0))
    assert type(seed) is int
    first = field(seed, (3, 40, 50), CPU)
    torch.manual_seed(99)
    assert torch.equal(first, field(seed, (3, 40, 50), CPU))
    assert not torch.equal(first, field(seed + 1, (3, 40, 50), CPU))
    assert first.dtype == torch.float32


def test_the_global_state_stays():
    before = torch.get_rng_state()
    normal_field(3, (10,), CPU)
    assert torch.equal(torch.get_rng_state(), before)


def test_fields_have_their_distributions():
    normal, uniform = normal_field(0, (100_000,), CPU), uniform_field(0, (100_000,), CPU)
    assert normal.mean().item() == pytest.approx(0, abs=0.01)
    assert normal.std().item() == pytest.approx(1, abs=0.01)
    assert uniform.min() >= 0
    assert uniform.max() <= 1
    assert uniform.mean().item() == pytest.approx(0.5, abs=0.01)
