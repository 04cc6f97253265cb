import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.dice import MeanDice


def sets(labels, kind):
    return {index for index, label in enumerate(labels) if label == kind}


def brute_force(prediction, target, classes, *, background):
    values = []
    for kind in range(0 if background else 1, classes):
        a, b = sets(prediction, kind), sets(target, kind)
        if a or b:
            values.append(2 * len(a & b) / (len(a) + len(b)))
    return sum(values) / len(values) if values else math.nan


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), st.booleans())
def test_the_value_is_the_one_of_sets(pairs, background):
    prediction, target = zip(*pairs, strict=True)
    metric = MeanDice(include_background=background, num_classes=4)
    value = metric.update(torch.tensor([prediction]), torch.tensor([target]))
    assert value == pytest.approx(brute_force(prediction, target, 4, background=background), nan_ok=True)


def test_scores_count_by_their_highest():
    scores = torch.tensor([[0.9, 0.2, 0.4], [0.1, 0.8, 0.6]])
    assert MeanDice().update(scores, torch.tensor([[0, 1, 0]])) == pytest.approx(2 / 3)


def test_the_mean_is_over_cases_that_have_a_value():
    metric = MeanDice()
    metric.update(torch.tensor([[1, 1, 0]]), torch.tensor([[1, 0, 0]]), "a")
    metric.update(torch.tensor([[0, 0, 0]]), torch.tensor([[0, 0, 0]]), "nothing to find")
    metric.update(torch.tensor([[1, 0, 0]]), torch.tensor([[1, 0, 0]]), "b")
    assert metric.cases["a"] == pytest.approx(2 / 3)
    assert math.isnan(metric.cases["nothing to find"])
    assert metric.compute() == pytest.approx((2 / 3 + 1) / 2)
    metric.reset()
    assert metric.cases == {}


def test_a_class_that_only_one_side_has_counts_nothing():
    assert MeanDice().update(torch.tensor([[1, 0]]), torch.tensor([[0, 0]])) == 0


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="needs at least one case"):
        MeanDice().compute()
    with pytest.raises(ValueError, match=r"must agree, got \(1, 3\) and \(1, 2\)"):
        MeanDice().update(torch.zeros(1, 3), torch.zeros(1, 2))
    for prediction, target in (([0, 2], [0, 1]), ([0, 1], [2, 1])):  # 0 * 2 + 2 would pass for a miss of class 1
        with pytest.raises(ValueError, match="labels must be below num_classes, 2, got 2"):
            MeanDice(num_classes=2).update(torch.tensor([prediction]), torch.tensor([target]))


def test_two_cases_of_one_name_both_count():
    metric = MeanDice()
    whole, none = torch.ones(1, 2, 2), torch.zeros(1, 2, 2)
    for prediction in (whole, none):
        metric.update(prediction, whole, "a")
    assert metric.cases == {"a": 1.0, "a (2)": 0.0}


def test_a_class_that_neither_side_has_counts_one_where_it_is_asked_for():
    metric = MeanDice(num_classes=3, ignore_empty=False)
    assert metric.update(torch.tensor([[0, 1]]), torch.tensor([[0, 0]])) == 0.5
    assert list(metric.by_class().values()) == [0, 1]


def test_masks_that_overlap_are_classes_of_their_own():
    prediction, target = torch.tensor([[1, 1, 0], [1, 0, 0]]), torch.tensor([[1, 0, 0], [1, 1, 0]])
    metric = MeanDice(include_background=True)
    assert metric.update(prediction, target) == pytest.approx(2 / 3)
    assert list(metric.by_class().values()) == pytest.approx([2 / 3, 2 / 3])


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="scores must be numbers, got 1 voxels with NaN"):
        MeanDice().update(torch.tensor([[math.nan, 0.5], [0.1, 0.5]]), torch.tensor([[0, 1]]))
