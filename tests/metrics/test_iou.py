import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.dice import MeanDice
from bundlert.metrics.iou import MeanIoU


def brute_force(prediction, target, kinds):
    values = []
    for kind in kinds:
        a, b = ({place for place, label in enumerate(side) if label == kind} for side in (prediction, target))
        if a or b:
            values.append(len(a & b) / len(a | b))
    return sum(values) / len(values) if values else math.nan


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), st.booleans())
def test_the_value_is_the_one_of_sets(pairs, background):
    prediction, target = zip(*pairs, strict=True)
    metric = MeanIoU(include_background=background, num_classes=4)
    value = metric.update(torch.tensor([prediction]), torch.tensor([target]))
    assert value == pytest.approx(brute_force(prediction, target, range(not background, 4)), nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_it_is_dice_over_two_minus_dice_class_by_class(pairs):
    sides = [torch.tensor([side]) for side in zip(*pairs, strict=True)]
    metrics = [kind(include_background=True, num_classes=3) for kind in (MeanIoU, MeanDice)]
    for metric in metrics:
        metric.update(*sides)
    iou, dice = (list(metric.by_class().values()) for metric in metrics)
    assert iou == pytest.approx([one / (2 - one) for one in dice], nan_ok=True)


def test_what_neither_side_has_is_left_out_or_counts_one():
    sides = torch.tensor([[1, 1, 0]]), torch.tensor([[1, 0, 0]])
    assert MeanIoU(num_classes=4).update(*sides) == 0.5
    assert MeanIoU(num_classes=4, ignore_empty=False).update(*sides) == 0.75
    assert math.isnan(MeanIoU(include_background=False).update(torch.zeros(1, 3), torch.zeros(1, 3)))


def test_what_only_one_side_has_counts_nothing():
    for sides in ((1, 0), (0, 1)):
        full = [torch.full((1, 2, 2), side) for side in sides]
        assert MeanIoU(include_background=False).update(*full) == 0
