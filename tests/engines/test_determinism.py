import random

import numpy as np
import pytest
import torch

from bundlert.engines.determinism import set_determinism


@pytest.fixture(autouse=True)
def switches_come_back():
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    yield
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before


def drawn():
    return random.getrandbits(64), float(np.random.rand()), float(torch.rand(1))  # noqa: NPY002


def test_one_seed_makes_all_chance_the_same_and_another_seed_none_of_it():
    results = []
    for seed in (3, 3, 4):
        set_determinism(seed)
        results.append(drawn())
    assert results[0] == results[1]
    assert all(one != other for one, other in zip(results[0], results[2], strict=True))


def test_the_seeds_are_those_that_each_library_knows():
    set_determinism(5)
    generators = random.Random(5).getrandbits(64), float(np.random.RandomState(5).rand())  # noqa: S311
    assert drawn() == (*generators, float(torch.rand(1, generator=torch.Generator().manual_seed(5))))


def test_cuda_chooses_the_same_algorithms_each_time():
    torch.backends.cudnn.benchmark = True
    set_determinism(0)
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
