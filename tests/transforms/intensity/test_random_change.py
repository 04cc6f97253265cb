from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.random_scale import RandScaleIntensity
from bundlert.transforms.intensity.random_shift import RandShiftIntensity


def test_scaling_multiplies_by_one_plus_the_factor(make_image):
    sample = {"image": make_image()}
    result = RandScaleIntensity("image", 0.1).apply(sample, {"amount": 0.25})
    assert torch.equal(result["image"].data, sample["image"].data * 1.25)


def test_shifting_adds_the_offset_to_all_keys(make_image):
    sample = {"a": make_image(), "b": make_image()}
    result = RandShiftIntensity(["a", "b"], 0.1).apply(sample, {"amount": -0.5})
    assert torch.equal(result["a"].data, sample["a"].data - 0.5)
    assert torch.equal(result["b"].data, result["a"].data)


@pytest.mark.parametrize(("given", "low", "high"), [(0.1, -0.1, 0.1), ((0.2, 0.5), 0.2, 0.5)])
def test_amounts_are_spread_over_the_range_and_happen_as_often_as_asked(given, low, high):
    rng = np.random.default_rng(0)
    transform = RandShiftIntensity("image", given, prob=0.3)
    drawn = [transform.draw({}, rng) for _ in range(2000)]
    amounts = [params["amount"] for params in drawn if params]
    assert len(amounts) / 2000 == pytest.approx(0.3, abs=0.04)
    assert min(amounts) >= low
    assert max(amounts) <= high
    assert np.mean(amounts) == pytest.approx((low + high) / 2, abs=0.02)
    assert json.loads(json.dumps(drawn)) == drawn


def test_nothing_drawn_leaves_the_sample_alone(make_image):
    sample = {"image": make_image()}
    assert RandScaleIntensity("image", 0.1, prob=0)(sample, np.random.default_rng(0))["image"] is sample["image"]


@pytest.mark.parametrize("prob", [-0.1, 1.1])
def test_prob_is_a_probability(prob):
    with pytest.raises(ValueError, match=f"prob must lie in 0..1, got {prob}"):
        RandShiftIntensity("image", 0.1, prob=prob)


def test_a_range_has_two_ends_in_order():
    with pytest.raises(ValueError, match=r"factors must be a number or \(low, high\), got \(1, 0\)"):
        RandScaleIntensity("image", (1, 0))


def test_each_channel_can_have_an_amount_of_its_own(make_image):
    image = make_image()
    image = image.with_data(image.data.expand(3, -1, -1, -1))
    transform = RandShiftIntensity("image", (1, 2), prob=1, channel_wise=True)
    amounts = transform.draw({"image": image}, np.random.default_rng(0))["amount"]
    assert len(set(amounts)) == 3
    assert all(1 <= amount <= 2 for amount in amounts)
    result = transform.apply({"image": image}, {"amount": amounts})["image"].data
    torch.testing.assert_close(result - image.data, torch.tensor(amounts).view(3, 1, 1, 1).expand_as(result))


def test_amounts_for_other_channels_are_refused(make_image):
    with pytest.raises(ValueError, match="channel_wise needs keys of equally many channels, got 2 and 1"):
        RandScaleIntensity("image", 1, 1, True).apply({"image": make_image()}, {"amount": [0.1, 0.2]})
