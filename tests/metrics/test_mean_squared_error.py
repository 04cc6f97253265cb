import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.mean_squared_error import MeanSquaredError

numbers = st.integers(-1000, 1000).map(lambda number: number / 8)


def measured(pairs):
    one, other = zip(*pairs, strict=True)
    return MeanSquaredError().update(torch.tensor([one]), torch.tensor([other]))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30))
def test_the_value_is_the_one_of_its_formula(pairs):
    assert measured(pairs) == pytest.approx(sum((a - b) ** 2 for a, b in pairs) / len(pairs))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30), st.sampled_from([-2, 0.5, 4]))
def test_it_is_symmetric_zero_for_equal_images_and_scales(pairs, factor):
    assert measured([(a, a) for a, _ in pairs]) == 0
    assert measured([(b, a) for a, b in pairs]) == measured(pairs)
    assert measured([(a * factor, b * factor) for a, b in pairs]) == pytest.approx(measured(pairs) * factor**2)


def test_the_mean_is_over_voxels_and_channels_of_a_case_then_over_cases():
    metric = MeanSquaredError()
    image = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    other = torch.tensor([[[1.0, 4.0], [7.0, 2.0]], [[2.0, 2.0], [-4.0, 0.0]]])
    assert metric.update(image, other, "a") == pytest.approx(6.0)
    assert metric.update(image[:1, :1], image[:1, :1], "b") == 0
    assert metric.compute() == pytest.approx(6.0 / 2)
    assert not metric.higher_is_better
