import math

import numpy as np
import pytest
import torch
from metrics.brute_force import label_case

from bundlert.metrics import case
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.group import MetricGroup
from bundlert.metrics.hausdorff import HausdorffDistance
from bundlert.metrics.iou import MeanIoU
from bundlert.metrics.roc_auc import ROCAUC
from bundlert.metrics.surface_dice import SurfaceDice
from bundlert.metrics.surface_distance import SurfaceDistance


def metrics():
    return {
        "dice": MeanDice(num_classes=3),
        "hd": HausdorffDistance(num_classes=3),
        "hd95": HausdorffDistance(num_classes=3, percentile=95),
        "assd": SurfaceDistance(num_classes=3, symmetric=True),
        "nsd": SurfaceDice(1.0, num_classes=3),
    }


def taken_in(group, seeds):
    for seed in seeds:
        prediction, target, spacing = label_case(np.random.default_rng(seed))
        group.update(prediction, target, f"seed {seed}", spacing=spacing)
    return group


def test_each_metric_computes_what_it_computes_alone():
    group = taken_in(MetricGroup(metrics()), range(4))
    alone = {name: taken_in(metric, range(4)).compute() for name, metric in metrics().items()}
    assert group.compute_all() == alone
    assert group.compute() == alone["dice"]


def test_distances_are_worked_out_once_for_all(monkeypatch):
    asked = []

    def counted(*sides, **options):
        asked.append(options)
        return real(*sides, **options)

    real = case.surface_distances
    monkeypatch.setattr(case, "surface_distances", counted)
    taken_in(MetricGroup(metrics()), range(2))
    assert len(asked) == 2 * 2  # two cases of two classes


def test_the_chief_metric_speaks_for_the_group():
    group = taken_in(MetricGroup(metrics(), key="hd95"), [1])
    assert (group.cases, group.higher_is_better) == (group.metrics["hd95"].cases, False)
    assert group.compute() == group.metrics["hd95"].compute()
    first = MetricGroup(metrics())
    assert first.update(torch.tensor([[1, 1]]), torch.tensor([[1, 0]])) == pytest.approx(2 / 3)
    assert first.higher_is_better


def test_a_list_of_metrics_has_their_names_and_the_summary_has_everything():
    group = taken_in(MetricGroup([MeanDice(), HausdorffDistance(percentile=95), ROCAUC("none")], key="hausdorff95"), [])
    scores, target = torch.tensor([[0.9, 0.4, 0.6], [0.1, 0.6, 0.4]]), torch.tensor([[0, 1, 1]])
    group.update(scores, target, "a")
    summary = group.summary()
    assert summary.keys() == {"dice", "hausdorff95", "roc_auc", "key_metric", "cases", "metrics"}
    assert (summary["key_metric"], summary["cases"]) == (
        "hausdorff95",
        {"a": pytest.approx(0.95)},
    )  # between 0 and 1 voxel
    assert (summary["dice"], summary["roc_auc"]) == (pytest.approx(2 / 3), 1.0)
    assert summary["metrics"]["roc_auc"] == {"higher_is_better": True, "classes": {0: 1.0, 1: 1.0}, "cases": {"a": 1.0}}
    with pytest.raises(ValueError, match=r"metrics in a list must have different names, .*, got dice, dice"):
        MetricGroup([MeanDice(), MeanDice(include_background=True)])


def test_a_case_that_one_metric_refuses_is_taken_in_by_none():
    group = MetricGroup({"dice": MeanDice(), "nsd": SurfaceDice([1.0, 1.0])})
    with pytest.raises(ValueError, match="class_thresholds must have one for each of 1 classes"):
        group.update(torch.ones(1, 2), torch.ones(1, 2))
    assert group.cases == {}


def test_groups_are_merged_saved_and_reset_as_their_metrics_are():
    whole, first, second = (taken_in(MetricGroup(metrics()), seeds) for seeds in (range(5), [0, 3], [1, 2, 4, 0]))
    first.merge(second)
    assert first.compute_all() == whole.compute_all()
    other = MetricGroup(metrics())
    other.load_state_dict(whole.state_dict())
    assert other.compute_all() == whole.compute_all()
    other.merge(whole.state_dict(), tolerance=math.inf)
    assert other.cases == whole.cases
    other.reset()
    assert (other.cases, other.metrics["hd"].cases) == ({}, {})


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="key must name one of the metrics, dice, hd, hd95, assd, nsd, got f1"):
        MetricGroup(metrics(), key="f1")
    with pytest.raises(ValueError, match="key must name one of the metrics, none given, got None"):
        MetricGroup({})
    with pytest.raises(ValueError, match="both must have one set of metrics, got dice and iou"):
        MetricGroup({"dice": MeanDice()}).merge(MetricGroup({"iou": MeanIoU()}))
