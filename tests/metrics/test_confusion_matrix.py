import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.confusion_matrix import ConfusionMatrix, confusion_figure, figure_name


def ratio(above, below):
    return above / below if below else math.nan


def root(value):
    return math.nan if math.isnan(value) else math.sqrt(value)


def by_hand(tp, fp, fn, tn):
    """Fawcett's table, each figure from the four counts."""
    tpr, tnr, ppv, npv = ratio(tp, tp + fn), ratio(tn, tn + fp), ratio(tp, tp + fp), ratio(tn, tn + fn)
    fpr = ratio(fp, fp + tn)
    below = root((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return {
        "sensitivity": tpr,
        "specificity": tnr,
        "precision": ppv,
        "negative predictive value": npv,
        "miss rate": ratio(fn, fn + tp),
        "fall out": fpr,
        "false discovery rate": ratio(fp, fp + tp),
        "false omission rate": ratio(fn, fn + tn),
        "threat score": ratio(tp, tp + fn + fp),
        "accuracy": ratio(tp + tn, tp + fp + fn + tn),
        "balanced accuracy": (tpr + tnr) / 2,
        "f1 score": ratio(2 * tp, 2 * tp + fp + fn),
        "matthews correlation coefficient": ratio(tp * tn - fp * fn, below),
        "fowlkes mallows index": root(ppv * tpr),
        "informedness": tpr + tnr - 1,
        "markedness": ppv + npv - 1,
    }


counts = st.tuples(*[st.integers(0, 40)] * 4).filter(any)


@settings(max_examples=100, deadline=None)
@given(counts)
def test_each_figure_is_the_one_of_its_formula(four):
    expected = by_hand(*four)
    found = {name: float(confusion_figure(name, torch.tensor([four]))) for name in expected}
    assert found == pytest.approx(expected, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(counts)
def test_the_prevalence_threshold_is_the_published_one_wherever_that_has_a_value(four):
    tp, fp, fn, tn = four
    tpr, fpr = ratio(tp, tp + fn), ratio(fp, fp + tn)
    value = float(confusion_figure("pt", torch.tensor([four])))
    if math.isnan(tpr) or math.isnan(fpr) or tpr == fpr == 0:
        assert math.isnan(value)
    elif abs(tpr - fpr) > 1e-9:
        assert value == pytest.approx((math.sqrt(tpr * fpr) - fpr) / (tpr - fpr))
    else:
        assert value == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("hit_rate", "sensitivity"),
        ("Recall", "sensitivity"),
        ("TPR", "sensitivity"),
        ("true-positive-rate", "sensitivity"),
        ("tnr", "specificity"),
        ("PPV", "precision"),
        ("npv", "negative predictive value"),
        ("f1", "f1 score"),
        ("F1_score", "f1 score"),
        ("balanced_accuracy", "balanced accuracy"),
        ("mcc", "matthews correlation coefficient"),
        ("csi", "threat score"),
        ("youden index", "informedness"),
    ],
)
def test_figures_have_the_names_of_the_field(given, name):
    assert figure_name(given) == name
    assert ConfusionMatrix(given).metric_name == name


def test_counts_are_added_up_before_the_figure_or_after_it():
    cases = [([1, 1, 0, 0], [1, 0, 0, 0]), ([0, 0, 0, 1], [0, 1, 1, 1])]
    values = {}
    for compute_sample in (False, True):
        metric = ConfusionMatrix("precision", include_background=False, compute_sample=compute_sample)
        for prediction, target in cases:
            metric.update(torch.tensor([prediction]), torch.tensor([target]))
        assert metric.matrix().tolist() == [[2, 1, 2, 3]]
        assert list(metric.cases.values()) == [0.5, 1]
        values[compute_sample] = metric.compute()
    assert values == {False: pytest.approx(2 / 3), True: 0.75}


def test_items_without_axes_make_up_a_matrix():
    metric = ConfusionMatrix("accuracy", num_classes=2)
    for scores, label in (([0.9, 0.1], 0), ([0.2, 0.8], 1), ([0.4, 0.6], 0)):
        metric.update(torch.tensor(scores), torch.tensor([label]))
    assert metric.matrix().tolist() == [[1, 0, 1, 1], [1, 1, 0, 1]]
    assert metric.compute() == pytest.approx(2 / 3)


def test_a_class_without_a_figure_is_left_out_and_one_that_is_missed_counts_nothing():
    metric = ConfusionMatrix("sensitivity", num_classes=4)
    value = metric.update(torch.tensor([[0, 0, 3]]), torch.tensor([[0, 1, 0]]))
    assert list(metric.by_class().values()) == pytest.approx([0.5, 0, math.nan, math.nan], nan_ok=True)
    assert value == metric.compute() == 0.25
    none = ConfusionMatrix("sensitivity", include_background=False)
    assert math.isnan(none.update(torch.zeros(1, 3), torch.zeros(1, 3)))
    assert math.isnan(none.compute())


def test_a_class_that_a_case_does_not_know_is_a_true_negative_there():
    metric = ConfusionMatrix("specificity")
    metric.update(torch.tensor([[2, 0]]), torch.tensor([[0, 0]]))
    metric.update(torch.tensor([[1, 0, 1]]), torch.tensor([[1, 0, 0]]))
    assert metric.matrix().tolist() == [[2, 0, 2, 1], [1, 1, 0, 3], [0, 1, 0, 4]]


def test_it_knows_which_way_is_better():
    better = {name: ConfusionMatrix(name).higher_is_better for name in ("f1", "fpr", "miss_rate", "mk")}
    assert better == {"f1": True, "fpr": False, "miss_rate": False, "mk": True}


def test_mistakes_are_told():
    with pytest.raises(ValueError, match=r"metric_name must be one of sensitivity, specificity, .*, got 'sharpness'"):
        ConfusionMatrix("sharpness")
    with pytest.raises(ValueError, match=r"must agree, got \(1, 3\) and \(1, 2\)"):
        ConfusionMatrix().update(torch.zeros(1, 3), torch.zeros(1, 2))
    with pytest.raises(ValueError, match="labels must be below num_classes, 2, got 4"):
        ConfusionMatrix(num_classes=2).update(torch.tensor([[4]]), torch.tensor([[0]]))
