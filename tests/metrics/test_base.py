import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.brute_force import METRICS, made_from

from bundlert.metrics.base import CaseMetric, mean_of_known
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.iou import MeanIoU

each_metric = pytest.mark.parametrize("name", METRICS)


class Value(MeanDice):
    """What a case contributes is the prediction itself."""

    def measure(self, case):
        return case.prediction


def value(*numbers, names=None):
    metric = Value()
    for number, name in zip(numbers, names or [None] * len(numbers), strict=True):
        metric.update(torch.tensor([float(number)]), torch.zeros(1), name)
    return metric


def test_a_mean_leaves_out_what_has_no_value_and_does_not_depend_on_the_order():
    assert mean_of_known([1.0, math.nan, 3.0]) == 2
    assert math.isnan(mean_of_known([math.nan]))
    assert mean_of_known([math.inf, 1.0]) == math.inf
    values = [10.0**n for n in range(-9, 9)]
    orders = (np.random.default_rng(seed).permutation(values) for seed in range(20))
    assert len({mean_of_known(order) for order in orders}) == 1


def test_metrics_have_names_of_their_own():
    made = {name: make() for name, (make, _) in METRICS.items()}
    names = [metric.name for name, metric in made.items() if name != "ROCAUC weighted"]
    assert len(set(names)) == len(names)
    assert (made["HausdorffDistance"].name, made["ConfusionMatrix"].name) == ("hausdorff95", "f1_score")


@each_metric
@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=6, max_size=6), st.randoms(use_true_random=False))
def test_any_split_merged_in_any_order_is_the_whole_to_the_last_bit(name, shards, chance):
    whole = made_from(name, range(6))
    parts = [made_from(name, [seed for seed in range(6) if shards[seed] == shard]) for shard in range(3)]
    chance.shuffle(parts)
    first = parts[0]
    for other in parts[1:]:
        first.merge(other)
    assert first.compute() == whole.compute() or math.isnan(whole.compute())
    assert {k: repr(v) for k, v in first.cases.items()} == {k: repr(v) for k, v in whole.cases.items()}


@each_metric
def test_shards_filled_up_to_one_size_count_no_case_twice(name):
    whole, first, second = made_from(name, range(5)), made_from(name, [0, 2, 4]), made_from(name, [1, 3, 0])
    first.merge(second)
    assert first.compute() == whole.compute()
    assert first.cases.keys() == whole.cases.keys()


@each_metric
def test_the_order_of_cases_changes_nothing(name):
    assert made_from(name, [4, 0, 3, 1, 2]).compute() == made_from(name, range(5)).compute()


@each_metric
def test_a_state_is_plain_and_gives_the_metric_back(name, tmp_path):
    metric, (make, _) = made_from(name, range(3)), METRICS[name]
    torch.save(metric.state_dict(), tmp_path / "state.pt")
    other = made_from(name, [7])
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert other.compute() == metric.compute()
    assert {k: repr(v) for k, v in other.cases.items()} == {k: repr(v) for k, v in metric.cases.items()}
    fresh = make()
    fresh.merge(metric.state_dict())
    assert fresh.compute() == metric.compute()


@each_metric
def test_without_a_case_there_is_nothing_to_compute(name):
    metric = METRICS[name][0]()
    with pytest.raises(ValueError, match=f"{type(metric).__name__} needs at least one case, got none"):
        metric.compute()


@each_metric
def test_after_a_reset_it_is_as_new(name):
    metric = made_from(name, [3, 4])
    metric.reset()
    assert (metric.cases, metric.parts) == ({}, {})
    for title in ("a", None):
        metric.keep(made_from(name, [1]).parts["seed 1"], title)
    assert list(metric.cases) == ["a", "case 2"]


@each_metric
def test_a_case_that_is_refused_leaves_no_trace(name):
    metric = made_from(name, [0])
    with pytest.raises(ValueError, match=r"got \(1, 2, 5\) and \(1, 3, 5\)"):
        metric.update(torch.zeros(1, 2, 5), torch.zeros(1, 3, 5), "b", spacing=1.0)
    assert list(metric.cases) == list(metric.parts) == ["seed 0"]


def test_cases_without_a_name_are_different_ones_wherever_they_come_from():
    one, other = value(1, 2, names=["a", None]), value(4, 5, names=[None, None])
    one.merge(other)
    assert one.cases == {"a": 1, "case 2": 2, "case 3": 4, "case 4": 5}
    named = value(7, names=["case 2"])
    one.merge(named)  # a name that happens to be a number
    assert one.cases["case 2 (5)"] == 7


def test_names_stay_apart_however_they_are_chosen():
    metric = value(1, 2, 3, 4, 5, names=["a", "a (3)", "a", "a", None])
    assert metric.cases == {"a": 1, "a (3)": 2, "a (4)": 3, "a (5)": 4, "case 5": 5}


def test_one_name_with_two_values_is_a_mistake_unless_it_may_be():
    one, other = value(0.5, names=["a"]), value(0.8, 0.1, names=["a", "b"])
    with pytest.raises(ValueError, match=r"must stand for one case, got 'a' with 0\.5 here and 0\.8 there"):
        one.merge(other)
    assert one.cases == {"a": 0.5}
    one.merge(value(0.5001, names=["a"]))
    assert one.cases == {"a": 0.5}
    one.merge(other, tolerance=math.inf)
    assert one.cases == {"a": 0.5, "b": pytest.approx(0.1)}
    one.merge(value(math.nan, math.inf, names=["n", "i"]))
    one.merge(value(math.nan, math.inf, names=["n", "i"]))
    assert len(one.cases) == 4


def test_only_metrics_of_one_kind_are_merged():
    with pytest.raises(ValueError, match="MeanDice can't take in what MeanIoU kept"):
        MeanDice().merge(MeanIoU())
    with pytest.raises(ValueError, match="MeanDice can't take in what MeanIoU kept"):
        MeanDice().load_state_dict(MeanIoU().state_dict())


def test_a_base_alone_measures_nothing():
    with pytest.raises(TypeError, match="abstract method"):
        CaseMetric()
