import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.brute_force import DISTANCES, as_labels, distances_of, spacings, two_masks

from bundlert.metrics.surface_dice import SurfaceDice


def measured(prediction, target, threshold, spacing=None, **options):
    return SurfaceDice([threshold], **options).update(as_labels(prediction), as_labels(target), spacing=spacing)


@settings(max_examples=120, deadline=None)
@given(two_masks(), st.sampled_from([0, 0.4, 1, 2.3]), st.sampled_from(sorted(DISTANCES)))
def test_the_value_is_the_one_of_all_pairs(masks, threshold, distance_metric):
    prediction, target, spacing = masks
    value = measured(prediction, target, threshold, spacing, distance_metric=distance_metric)
    ways = distances_of(prediction, target, spacing, distance_metric)
    whole = len(ways[0]) + len(ways[1])
    near = sum(one <= threshold + 1e-9 for way in ways for one in way)
    assert value == pytest.approx(near / whole if whole else math.nan, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(two_masks(axes=(2, 3)), st.sampled_from([0, 0.5, 1.5]), spacings)
def test_it_is_symmetric_grows_with_the_tolerance_and_scales_with_the_spacing(masks, threshold, factor):
    one, other, spacing = masks
    if one.any():
        assert measured(one, one, threshold, spacing) == 1
    value = measured(one, other, threshold, spacing)
    assert measured(other, one, threshold, spacing) == pytest.approx(value, nan_ok=True)
    assert not measured(one, other, threshold + 1, spacing) < value
    scaled = measured(one, other, threshold * factor, [size * factor for size in spacing])
    assert scaled == pytest.approx(value, nan_ok=True)


def test_a_distance_that_is_the_tolerance_but_for_rounding_is_within():
    one, other = np.zeros((1, 4), dtype=bool), np.zeros((1, 4), dtype=bool)
    one[0, 0] = other[0, 3] = True
    assert measured(one, other, 0.3, (1.0, 0.1)) == 1  # 3 * 0.1 is 0.30000000000000004
    assert measured(one, other, 0.2999, (1.0, 0.1)) == 0


def test_each_class_has_its_tolerance():
    prediction, target = torch.tensor([[1, 0, 0, 2, 0]]), torch.tensor([[0, 1, 0, 0, 2]])
    for thresholds, expected in (([1, 0.5], [1, 0]), ([0, 1], [0, 1]), (1, [1, 1]), (0.5, [0, 0])):
        metric = SurfaceDice(thresholds)
        metric.update(prediction, target)
        assert list(metric.by_class().values()) == expected
    metric = SurfaceDice([0, 1, 0], include_background=True)
    metric.update(prediction, target)
    assert list(metric.by_class().values()) == [
        pytest.approx(1 / 3),
        1,
        0,
    ]  # of surface voxels 1, 2, 4 and 0, 2, 3 only 2 is shared


def test_a_class_that_one_side_has_counts_nothing_and_one_that_none_has_is_left_out():
    one, none = torch.ones(1, 3, 3), torch.zeros(1, 3, 3)
    metric = SurfaceDice(5.0)
    assert [metric.update(one, none), metric.update(none, one), metric.update(one, one)] == [0, 0, 1]
    assert math.isnan(metric.update(none, none))
    assert metric.compute() == pytest.approx(1 / 3)


def test_mistakes_are_told():
    for thresholds in (-1, [], [1, math.inf], [math.nan]):
        with pytest.raises(ValueError, match="class_thresholds must be numbers of mm from 0, got "):
            SurfaceDice(thresholds)
    with pytest.raises(ValueError, match=r"class_thresholds must have one for each of 1 classes, got \[1, 2\]"):
        SurfaceDice([1, 2]).update(torch.zeros(1, 3), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="distance_metric must be one of euclidean, taxicab, chessboard, got 'l2'"):
        SurfaceDice(1, distance_metric="l2")
    with pytest.raises(ValueError, match=r"must agree, got \(1, 3\) and \(1, 2\)"):
        SurfaceDice(1).update(torch.zeros(1, 3), torch.zeros(1, 2))
