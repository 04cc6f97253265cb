import copy
import json

import numpy as np
import pytest
import torch
from contracts.examples import components, make_sample, make_transform

from bundlert.images.image import Image
from bundlert.registry.registry import load
from bundlert.transforms.compose import as_list
from bundlert.transforms.lazy import realize

TRANSFORMS = components("transform")
each_transform = pytest.mark.parametrize("component", TRANSFORMS, ids=lambda one: one.name)
each_random_one = pytest.mark.parametrize(
    "component", [one for one in TRANSFORMS if getattr(load(one), "random", False) is True], ids=lambda one: one.name
)


@pytest.fixture
def sample(tmp_path):
    return make_sample(tmp_path)


def same(one, other):
    """Whether two results are equal, voxel by voxel."""
    one, other = as_list(one), as_list(other)
    return len(one) == len(other) and all(
        a.keys() == b.keys() and all(same_entry(a[key], b[key]) for key in a) for a, b in zip(one, other, strict=True)
    )


def same_entry(one, other):
    if not isinstance(one, Image):
        return np.array_equal(one, other)
    one, other = realize(one), realize(other)
    return torch.equal(one.data, other.data) and one.grid.same_as(other.grid)


@each_transform
def test_it_is_told_its_keys_first(component):
    code = load(component).__init__.__code__
    assert code.co_varnames[1] == ("transforms" if component.name == "Compose" else "keys")


@each_transform
def test_the_sample_and_its_images_stay_as_they_are(component, sample):
    before, voxels = dict(sample), {key: copy.deepcopy(entry) for key, entry in sample.items()}
    make_transform(component)(sample, np.random.default_rng(0))
    assert list(sample) == list(before)
    assert all(sample[key] is before[key] for key in before)
    assert same(sample, voxels)


@each_transform
def test_the_same_chance_gives_the_same_result_and_a_result_is_images(component, sample):
    transform = make_transform(component)
    first, again = (transform(sample, np.random.default_rng(7)) for _ in range(2))
    assert same(first, again)
    for result in as_list(first):
        assert set(sample) <= set(result)
        assert all(isinstance(result[key], Image) for key in ("image", "label", "pred"))


@each_transform
def test_only_random_ones_draw(component, sample):
    transform = make_transform(component)
    rng, untouched = (np.random.default_rng(3) for _ in range(2))
    result = transform(sample, rng)
    draws = rng.bit_generator.state != untouched.bit_generator.state
    assert draws == bool(getattr(transform, "random", False))
    if not draws:
        assert same(result, transform(sample))


@each_random_one
def test_another_chance_gives_another_result_eventually(component, sample):
    transform = make_transform(component)
    results = [transform(sample, np.random.default_rng(seed)) for seed in range(20)]
    assert not all(same(results[0], result) for result in results[1:])


@each_random_one
def test_what_was_drawn_can_be_written_down_and_applied_again(component, sample):
    transform = make_transform(component)
    for seed in range(5):
        params = transform.draw(sample, np.random.default_rng(seed))
        written = json.loads(json.dumps(params))
        assert written == params
        assert same(transform.apply(sample, written), transform(sample, np.random.default_rng(seed)))
