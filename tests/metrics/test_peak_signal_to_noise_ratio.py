import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.peak_signal_to_noise_ratio import PeakSignalToNoiseRatio

numbers = st.integers(0, 255).map(float)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30), st.sampled_from([1.0, 255.0]))
def test_the_value_is_the_one_of_its_formula(pairs, max_val):
    one, other = (torch.tensor([side]) for side in zip(*pairs, strict=True))
    error = sum((a - b) ** 2 for a, b in pairs) / len(pairs)
    expected = 10 * math.log10(max_val**2 / error) if error else math.inf
    for sides in ((one, other), (other, one)):
        assert PeakSignalToNoiseRatio(max_val).update(*sides) == pytest.approx(expected)


def test_by_hand_and_whatever_the_unit():
    black, grey = torch.zeros(2, 4, 4), torch.full((2, 4, 4), 25.5)
    assert PeakSignalToNoiseRatio(255.0).update(grey, black) == pytest.approx(20)
    assert PeakSignalToNoiseRatio(1.0).update(grey / 255, black) == pytest.approx(20)


def test_equal_images_are_infinitely_alike_and_so_is_a_mean_with_one():
    metric, image = PeakSignalToNoiseRatio(1.0), torch.rand(1, 3, 3)
    assert metric.update(image, image) == math.inf
    metric.update(image, 1 - image)
    assert metric.compute() == math.inf


@pytest.mark.parametrize("max_val", [0, -1.0, math.inf, math.nan])
def test_a_range_that_is_none_is_refused(max_val):
    with pytest.raises(ValueError, match=f"max_val must be positive and finite, got {max_val}"):
        PeakSignalToNoiseRatio(max_val)
