import math
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.brute_force import DISTANCES, as_labels, ball, distances_of, spacings, two_masks

from bundlert.metrics.surface_distance import SurfaceDistance


def measured(prediction, target, spacing=None, **options):
    return SurfaceDistance(**options).update(as_labels(prediction), as_labels(target), spacing=spacing)


@settings(max_examples=120, deadline=None)
@given(two_masks(), st.booleans(), st.sampled_from(sorted(DISTANCES)))
def test_the_value_is_the_one_of_all_pairs(masks, symmetric, distance_metric):
    prediction, target, spacing = masks
    value = measured(prediction, target, spacing, symmetric=symmetric, distance_metric=distance_metric)
    if not prediction.any() or not target.any():
        assert math.isinf(value) if prediction.any() or target.any() else math.isnan(value)
        return
    ways = distances_of(prediction, target, spacing, distance_metric)
    expected = list(chain(*ways)) if symmetric else ways[0]
    assert value == pytest.approx(sum(expected) / len(expected), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(two_masks(axes=(2, 3)), spacings)
def test_it_is_symmetric_where_told_and_scales_with_the_spacing(masks, factor):
    one, other, spacing = masks
    if one.any():
        assert measured(one, one, spacing) == 0
    value = measured(one, other, spacing, symmetric=True)
    assert measured(other, one, spacing, symmetric=True) == pytest.approx(value, nan_ok=True)
    scaled = measured(one, other, [size * factor for size in spacing], symmetric=True)
    assert scaled == pytest.approx(value * factor, nan_ok=True)


def test_a_line_beside_a_line_by_hand():
    target = np.zeros((1, 9), dtype=bool)
    prediction = target.copy()
    target[0, [3, 7]] = True
    prediction[0, [3, 4, 8]] = True  # 0, 1, 1 from the target; the target 0, 1 from it
    assert measured(prediction, target) == pytest.approx(2 / 3)
    assert measured(target, prediction) == 0.5
    assert measured(prediction, target, symmetric=True) == pytest.approx(3 / 5)
    assert measured(prediction, target, (9.0, 0.5), symmetric=True) == pytest.approx(3 / 10)


def test_two_balls_are_as_far_as_their_radii_differ():
    shape, centre, spacing = (31, 31, 61), (15, 15, 30), (1.0, 1.0, 0.5)
    value = measured(ball(shape, centre, 12, spacing), ball(shape, centre, 8, spacing), spacing, symmetric=True)
    assert value == pytest.approx(4, abs=0.3)  # a voxel is up to 1 mm


def test_missing_classes_count_as_told():
    one, none = torch.ones(1, 3), torch.zeros(1, 3)
    for missing in (math.inf, 7.0, math.nan):
        for sides in ((one, none), (none, one)):
            assert SurfaceDistance(missing=missing).update(*sides) == pytest.approx(missing, nan_ok=True)
    metric = SurfaceDistance(num_classes=4)
    metric.update(one, one, "a")
    metric.update(none, none, "nothing to find")
    assert metric.compute() == 0
    assert math.isnan(metric.cases["nothing to find"])


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="distance_metric must be one of euclidean, taxicab, chessboard, got 'l2'"):
        SurfaceDistance(distance_metric="l2")
    with pytest.raises(ValueError, match=r"must agree, got \(1, 3\) and \(1, 2\)"):
        SurfaceDistance().update(torch.zeros(1, 3), torch.zeros(1, 2))
