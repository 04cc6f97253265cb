import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.test_ranking import all_pairs

from bundlert.metrics.roc_auc import ROCAUC

cases = st.lists(st.tuples(*[st.integers(0, 4)] * 3, st.integers(0, 2)), min_size=1, max_size=25)


def taken_in(metric, cases):
    for *scores, label in cases:
        metric.update(torch.tensor(scores), torch.tensor([label]))
    return metric


@settings(max_examples=80, deadline=None)
@given(cases)
def test_averages_are_those_of_their_definitions(cases):
    lists = [[(case[kind], case[3] == kind) for case in cases] for kind in range(3)]
    areas = [all_pairs(one) for one in lists]
    weights = [sum(positive for _, positive in one) for one in lists]
    known = [(area, weight) for area, weight in zip(areas, weights, strict=True) if not math.isnan(area)]
    expected = {
        "none": areas,
        "micro": all_pairs([item for one in lists for item in one]),
        "macro": sum(area for area, _ in known) / len(known) if known else math.nan,
        "weighted": sum(a * w for a, w in known) / sum(w for _, w in known) if known else math.nan,
    }
    for average, value in expected.items():
        found = taken_in(ROCAUC(average), cases)
        assert found.compute() == pytest.approx(value, abs=1e-12, nan_ok=True)
        assert list(found.by_class().values()) == pytest.approx(areas, abs=1e-12, nan_ok=True)


def test_one_score_an_item_is_enough_for_two_classes():
    metric = ROCAUC()
    for score, label in ((0.1, 0), (0.4, 0), (0.35, 1), (0.8, 1)):  # of scikit-learn's own example
        assert math.isnan(metric.update(torch.tensor([score]), torch.tensor([label])))
    assert metric.compute() == 0.75


def test_a_case_of_many_items_has_a_value_of_its_own():
    metric, scores = ROCAUC("none"), torch.tensor([[[0.9, 0.2], [0.3, 0.6]], [[0.1, 0.8], [0.7, 0.4]]])
    assert metric.update(scores, torch.tensor([[[0, 1], [0, 1]]]), "a") == 0.75
    assert metric.update(scores, torch.tensor([[[0, 1], [1, 0]]]), "b") == 1
    assert metric.cases == {"a": 0.75, "b": 1}
    assert metric.compute() == pytest.approx([0.875, 0.875])  # 14 of 16 pairs


def test_marks_may_overlap():
    scores, marks = torch.tensor([[0.9, 0.1, 0.5], [0.2, 0.3, 0.9]]), torch.tensor([[1, 0, 1], [1, 1, 0]])
    assert ROCAUC().update(scores, marks) == 0.5
    metric = ROCAUC("none")
    metric.update(scores, marks)
    assert metric.compute() == [1, 0]


def test_a_class_of_one_kind_is_left_out():
    metric = taken_in(ROCAUC(), [(3, 1, 0, 0), (1, 3, 0, 1), (2, 0, 0, 0)])
    assert list(metric.by_class().values()) == pytest.approx([1, 1, math.nan], nan_ok=True)
    assert metric.compute() == 1
    assert math.isnan(taken_in(ROCAUC("micro"), [(1, 1, 1, 0)]).compute()) is False  # two classes are wrong there
    for average in ("macro", "weighted"):
        assert math.isnan(taken_in(ROCAUC(average), [(1, 1, 1, 0)]).compute())


def test_an_average_that_is_none_is_refused():
    with pytest.raises(ValueError, match="average must be one of macro, micro, weighted, none, got 'mean'"):
        ROCAUC("mean")
    with pytest.raises(ValueError, match="ROCAUC needs at least one case, got none"):
        ROCAUC("none").compute()
