import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.ranking import average_precision, roc_auc
from bundlert.metrics.roc_auc import ROCAUC

items = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=40)


def all_pairs(items):
    """The share of pairs, one by one."""
    ones, zeros = ([score for score, positive in items if positive is kind] for kind in (True, False))
    if not ones or not zeros:
        return math.nan
    return sum((a > b) + (a == b) / 2 for a in ones for b in zeros) / (len(ones) * len(zeros))


def step_by_step(items):
    """Recall and precision at each threshold, from the highest."""
    positives, value, recall = sum(positive for _, positive in items), 0.0, 0.0
    for threshold in sorted({score for score, _ in items}, reverse=True):
        found = [positive for score, positive in items if score >= threshold]
        if positives:
            value += (sum(found) / positives - recall) * sum(found) / len(found)
            recall = sum(found) / positives
    return value if positives else math.nan


def arrays(items):
    scores, positive = zip(*items, strict=True)
    return np.array(scores, dtype=float), np.array(positive)


@settings(max_examples=150, deadline=None)
@given(items)
def test_figures_are_those_of_their_definitions(items):
    assert roc_auc(*arrays(items)) == pytest.approx(all_pairs(items), abs=1e-12, nan_ok=True)
    assert average_precision(*arrays(items)) == pytest.approx(step_by_step(items), abs=1e-12, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(items, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_scale_of_scores_matters(items, chance):
    shuffled = items.copy()
    chance.shuffle(shuffled)
    for figure in (roc_auc, average_precision):
        value = figure(*arrays(items))
        assert figure(*arrays(shuffled)) == pytest.approx(value, nan_ok=True, abs=0)
        assert figure(*arrays([(math.exp(score), positive) for score, positive in items])) == pytest.approx(
            value, nan_ok=True, abs=0
        )


@settings(max_examples=60, deadline=None)
@given(items)
def test_turning_scores_or_marks_round_turns_the_area_round(items):
    value = roc_auc(*arrays(items))
    assert roc_auc(*arrays([(-score, positive) for score, positive in items])) == pytest.approx(1 - value, nan_ok=True)
    assert roc_auc(*arrays([(score, not positive) for score, positive in items])) == pytest.approx(
        1 - value, nan_ok=True
    )


def test_large_lists_agree_with_the_formula_of_rank_sums():
    rng = np.random.default_rng(0)
    positive = rng.random(3000) < 0.3
    scores = np.round(rng.normal(positive.astype(float), 1.0), 1)
    ranks = np.array([np.sum(scores < one) + (np.sum(scores == one) + 1) / 2 for one in scores])
    n = positive.sum()
    expected = (ranks[positive].sum() - n * (n + 1) / 2) / (n * (3000 - n))
    assert roc_auc(scores, positive) == pytest.approx(expected, abs=1e-12)


def test_infinite_scores_are_scores():
    scores, positive = np.array([-np.inf, 0, np.inf, np.inf]), np.array([False, True, False, True])
    assert roc_auc(scores, positive) == 0.625
    assert average_precision(scores, positive) == pytest.approx(0.5 * 0.5 + 0.5 * 2 / 3)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int32], ids=str)
def test_scores_of_any_type_keep_their_differences(kind):
    scores = torch.tensor([[1, 2, 3, 5]]).to(kind)
    assert ROCAUC().update(scores, torch.tensor([[0, 1, 0, 1]])) == 0.75


NAN = float("nan")


@pytest.mark.parametrize(
    ("scores", "target", "message"),
    [
        (torch.zeros(2, 4), torch.zeros(1, 3), r"must agree, got \(2, 4\) and \(1, 3\)"),
        (torch.zeros(2, 4), torch.zeros(3, 4), r"must agree, got \(2, 4\) and \(3, 4\)"),
        (torch.zeros(2, 4), torch.zeros(2), r"must agree, got \(2, 4\) and \(2,\)"),
        (torch.zeros(2, 0), torch.zeros(2, 0), r"must agree, got \(2, 0\) and \(2, 0\)"),
        (torch.tensor([[0.0, NAN]]), torch.zeros(1, 2), "scores must be numbers, got 1 that are NaN"),
        (torch.zeros(1, 2), torch.tensor([[0, 2]]), r"target must hold 0 or 1, got \[2\]"),
        (torch.zeros(3, 2), torch.tensor([[0, 3]]), r"labels below 3, the number of scores, got \[3\]"),
        (torch.zeros(3, 2), torch.tensor([[0, -1]]), r"labels below 3, the number of scores, got \[-1\]"),
    ],
)
def test_what_can_not_be_ranked_is_refused(scores, target, message):
    with pytest.raises(ValueError, match=message):
        ROCAUC().update(scores, target)


def test_cases_must_have_the_same_classes():
    metric = ROCAUC()
    metric.update(torch.zeros(3), torch.tensor([1]))
    with pytest.raises(ValueError, match="all cases must have one number of classes, got 2 after 3"):
        metric.update(torch.zeros(2), torch.tensor([1]))
