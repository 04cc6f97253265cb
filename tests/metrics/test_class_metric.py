import math

import pytest
import torch

from bundlert.metrics.class_metric import as_values
from bundlert.metrics.dice import MeanDice


def test_classes_are_averaged_over_cases_too():
    metric = MeanDice()
    metric.update(torch.tensor([[0, 1, 2, 2]]), torch.tensor([[0, 1, 2, 1]]), "a")
    metric.update(torch.tensor([[0, 1, 1]]), torch.tensor([[0, 1, 0]]), "b")  # doesn't show that there is a class 2
    assert metric.by_class() == pytest.approx({1: 2 / 3, 2: 2 / 3})
    assert metric.cases == pytest.approx({"a": 2 / 3, "b": 2 / 3})
    metric.update(torch.tensor([[0, 3]]), torch.tensor([[0, 0]]), "c")
    assert metric.by_class() == pytest.approx({1: 2 / 3, 2: 2 / 3, 3: 0})


def test_a_class_that_no_case_has_is_nan_and_the_background_is_the_first_if_it_counts():
    metric = MeanDice(include_background=True, num_classes=3)
    metric.update(torch.tensor([[0, 1]]), torch.tensor([[0, 1]]))
    assert list(metric.by_class()) == [0, 1, 2]
    assert (metric.by_class()[0], metric.by_class()[1]) == (1, 1)
    assert math.isnan(metric.by_class()[2])
    assert MeanDice().by_class() == {}


def test_values_are_kept_in_full_precision():
    assert as_values([1 / 3, math.inf]).tolist() == [1 / 3, math.inf]
