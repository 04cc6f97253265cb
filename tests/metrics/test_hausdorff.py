import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.brute_force import DISTANCES, as_labels, ball, distances_of, percentile_of, spacings, two_masks

from bundlert.metrics.hausdorff import HausdorffDistance


def measured(prediction, target, spacing=None, **options):
    return HausdorffDistance(**options).update(as_labels(prediction), as_labels(target), spacing=spacing)


@settings(max_examples=120, deadline=None)
@given(two_masks(), st.sampled_from([None, 0, 50, 95, 100]), st.booleans(), st.sampled_from(sorted(DISTANCES)))
def test_the_value_is_the_one_of_all_pairs(masks, percentile, directed, distance_metric):
    prediction, target, spacing = masks
    options = {"percentile": percentile, "directed": directed, "distance_metric": distance_metric}
    value = measured(prediction, target, spacing, **options)
    if not prediction.any() or not target.any():
        assert math.isinf(value) if prediction.any() or target.any() else math.isnan(value)
        return
    ways = distances_of(prediction, target, spacing, distance_metric)[: 1 if directed else 2]
    expected = max(percentile_of(way, 100 if percentile is None else percentile) for way in ways)
    assert value == pytest.approx(expected, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(two_masks(axes=(2, 3)), spacings)
def test_it_is_a_distance(masks, factor):
    one, other, spacing = masks
    if one.any():
        assert measured(one, one, spacing) == 0
    value = measured(one, other, spacing)
    assert measured(other, one, spacing) == pytest.approx(value, nan_ok=True)
    assert measured(one, other, [size * factor for size in spacing]) == pytest.approx(value * factor, nan_ok=True)
    assert measured(one, other, spacing, percentile=95) <= value or math.isnan(value)


@pytest.mark.parametrize(("percentile", "value"), [(None, 5.0), (100, 5.0), (50, 0.5), (0, 0.0)])
def test_a_line_beside_a_line_by_hand(percentile, value):
    target = np.zeros((1, 9), dtype=bool)
    prediction = target.copy()
    target[0, 3] = True
    prediction[0, [3, 4, 8]] = True  # 0, 1, 5 from the target; the target 0 from it
    middle = {50: 1.0}.get(percentile, value)
    assert measured(prediction, target, percentile=percentile) == middle
    assert measured(target, prediction, percentile=percentile, directed=True) == 0
    assert measured(prediction, target, (1.0, 0.5), percentile=percentile) == middle / 2


def test_two_balls_are_as_far_as_their_radii_differ():
    spacing = (1.0, 0.5, 0.25)
    shape, centre = (31, 61, 121), (15, 30, 60)
    value = measured(ball(shape, centre, 12, spacing), ball(shape, centre, 7, spacing), spacing)
    assert value == pytest.approx(5, abs=0.3)  # a voxel is up to 1 mm
    assert measured(ball(shape, centre, 12, spacing), ball(shape, centre, 12, spacing), spacing) == 0


def test_single_voxels_at_opposite_corners():
    one, other = np.zeros((4, 5, 6), dtype=bool), np.zeros((4, 5, 6), dtype=bool)
    one[0, 0, 0] = other[3, 4, 5] = True
    assert measured(one, other, (1.0, 2.0, 3.0)) == math.sqrt(9 + 64 + 225)
    assert measured(one, other) == math.sqrt(9 + 16 + 25)
    assert measured(one, other, (1.0, 2.0, 3.0), distance_metric="taxicab") == 3 + 8 + 15
    assert measured(one, other, (1.0, 2.0, 3.0), distance_metric="chessboard") == 15


def test_the_mean_is_over_classes_then_cases_and_missing_ones_count_as_told():
    prediction, target = torch.tensor([[1, 0, 0, 2, 0]]), torch.tensor([[0, 1, 0, 2, 0]])
    for missing, value in ((math.inf, math.inf), (8.0, 3.0), (math.nan, 0.5)):
        metric = HausdorffDistance(num_classes=5, missing=missing)  # neither side has 3 and 4
        assert metric.update(prediction, target) == 0.5
        assert metric.update(torch.tensor([[1, 1]]), torch.zeros(1, 2)) == pytest.approx(missing, nan_ok=True)
        assert math.isnan(metric.update(torch.zeros(1, 2), torch.zeros(1, 2)))
        assert metric.compute() == pytest.approx(4.25 if missing == 8 else missing if value == missing else 0.5)


def test_the_background_counts_where_it_is_asked_for():
    sides = torch.tensor([[0, 0, 1, 1, 0]]), torch.tensor([[0, 0, 0, 1, 1]])
    metric = HausdorffDistance(include_background=True)
    assert metric.update(*sides) == 1.5  # voxel 4 is 2 from the target's background, voxels 2 and 4 1 from the other's
    assert list(metric.by_class().values()) == [2, 1]


def test_mistakes_are_told():
    for percentile in (-1, 100.5, math.nan):
        with pytest.raises(ValueError, match=f"percentile must be between 0 and 100, got {percentile}"):
            HausdorffDistance(percentile=percentile)
    with pytest.raises(ValueError, match="distance_metric must be one of euclidean, taxicab, chessboard, got 'l2'"):
        HausdorffDistance(distance_metric="l2")
    with pytest.raises(ValueError, match=r"must agree, got \(1, 3\) and \(1, 2\)"):
        HausdorffDistance().update(torch.zeros(1, 3), torch.zeros(1, 2))
