from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from transforms.spatial.by_scipy import SHAPES, blocks, smooth

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.flip import Flip, RandAxisFlip, RandFlip, axes_of


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("axes", [None, 0, 1, -1, [0, 1], (0, -1)])
def test_voxels_are_numpys_bit_by_bit_and_stay_in_the_world(shape, axes):
    image, label = smooth(shape), blocks(shape)
    result = Flip(["image", "label"], axes)({"image": image, "label": label})
    where = tuple(range(len(shape))) if axes is None else axes
    for key, old in (("image", image), ("label", label)):
        new = realize(result[key])
        np.testing.assert_array_equal(new.data[0], np.flip(old.data[0].numpy(), where))
        assert new.data.dtype == old.data.dtype
        corner = [size - 1 if axis in axes_of(axes, len(shape)) else 0 for axis, size in enumerate(shape)]
        np.testing.assert_allclose(new.grid.affine[:-1, -1], (old.grid.affine @ [*corner, 1])[:-1], atol=1e-12)


def test_twice_is_not_at_all():
    image = smooth()
    twice = Flip("image", 1)(Flip("image", 1)({"image": image}))["image"]
    assert twice.target.same_as(image.grid)
    assert torch.equal(realize(twice).data, image.data)


@pytest.mark.parametrize(
    "make", [lambda prob: RandFlip(["a", "b"], prob, 1), lambda prob: RandAxisFlip(["a", "b"], prob)]
)
def test_never_always_and_both_alike(make):
    sample = {"a": smooth(), "b": blocks()}
    rng = np.random.default_rng(0)
    for _ in range(10):
        assert make(0)(sample, rng) == sample
        params = make(1).draw(sample, rng)
        assert json.loads(json.dumps(params)) == params
        result = make(1).apply(sample, params)
        assert result["a"].target.same_as(sample["a"].grid.flipped(params["axes"]))
        assert result["b"].target.same_as(result["a"].target)


def test_chance_is_as_asked():
    sample = {"image": smooth((4, 5, 6))}
    rng = np.random.default_rng(0)
    assert sum(bool(RandFlip("image", 0.3).draw(sample, rng)) for _ in range(2000)) == pytest.approx(600, abs=60)
    axes = [RandAxisFlip("image", 1).draw(sample, rng)["axes"][0] for _ in range(900)]
    np.testing.assert_allclose(np.bincount(axes), 300, atol=50)


@pytest.mark.parametrize("axes", [3, [-4], [0, 5]])
def test_an_axis_that_isnt_there_is_refused(axes):
    with pytest.raises(ValueError, match=r"axes must be >= 0 and < 3, got \[.*\]"):
        Flip("image", axes)({"image": smooth()})


@pytest.mark.parametrize("prob", [-0.1, 1.1])
def test_no_probability_is_refused(prob):
    with pytest.raises(ValueError, match=f"prob must be >= 0 and <= 1, got {prob}"):
        RandFlip("image", prob)
