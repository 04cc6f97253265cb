import math

import pytest
import torch
from hypothesis import given, settings
from metrics.test_ranking import step_by_step
from metrics.test_roc_auc import cases, taken_in

from bundlert.metrics.average_precision import AveragePrecision


@settings(max_examples=80, deadline=None)
@given(cases)
def test_averages_are_those_of_their_definitions(cases):
    lists = [[(case[kind], case[3] == kind) for case in cases] for kind in range(3)]
    values = [step_by_step(one) for one in lists]
    weights = [sum(positive for _, positive in one) for one in lists]
    known = [(value, weight) for value, weight in zip(values, weights, strict=True) if not math.isnan(value)]
    expected = {
        "none": values,
        "micro": step_by_step([item for one in lists for item in one]),
        "macro": sum(value for value, _ in known) / len(known),
        "weighted": sum(v * w for v, w in known) / sum(w for _, w in known),
    }
    for average, value in expected.items():
        assert taken_in(AveragePrecision(average), cases).compute() == pytest.approx(value, abs=1e-12, nan_ok=True)


def test_the_known_example():
    metric = AveragePrecision()
    for score, label in ((0.1, 0), (0.4, 0), (0.35, 1), (0.8, 1)):
        metric.update(torch.tensor([score]), torch.tensor([label]))
    assert metric.compute() == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)  # scikit-learn documents 0.83


def test_without_a_positive_there_is_no_value():
    metric = AveragePrecision()
    assert math.isnan(metric.update(torch.tensor([0.3]), torch.tensor([0])))
    assert math.isnan(metric.compute())
    assert metric.update(torch.tensor([0.2]), torch.tensor([1])) == 1
    assert metric.compute() == 0.5


def test_ties_are_one_threshold():
    metric = AveragePrecision()
    assert metric.update(torch.tensor([[1.0, 1.0, 0.0, 0.0]]), torch.tensor([[1, 0, 1, 1]])) == pytest.approx(
        1 / 3 * 1 / 2 + 2 / 3 * 3 / 4
    )


def test_an_average_that_is_none_is_refused():
    with pytest.raises(ValueError, match="average must be one of macro, micro, weighted, none, got 'mean'"):
        AveragePrecision("mean")
