import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.brute_force import DISTANCES, ball, distances_of, spacings, surface_of, two_masks
from scipy import ndimage

from bundlert.metrics import surface
from bundlert.metrics.surface import common_box, edges, surface_distances


def both_ways(found):
    return tuple(sorted(way.tolist()) for way in found)


@settings(max_examples=200, deadline=None)
@given(two_masks(), st.sampled_from(sorted(DISTANCES)))
def test_distances_are_those_of_all_pairs(masks, distance_metric):
    prediction, target, spacing = masks
    found = surface_distances(prediction, target, spacing, distance_metric=distance_metric)
    expected = distances_of(prediction, target, spacing, distance_metric)
    assert both_ways(found) == tuple(pytest.approx(sorted(way), abs=1e-12) for way in expected)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.integers(0, 11), st.booleans()), min_size=2),
    st.tuples(spacings, spacings, spacings),
    st.sampled_from(sorted(DISTANCES)),
)
def test_what_is_far_apart_is_as_far_as_all_pairs_say(places, spacing, distance_metric):
    masks = np.zeros((2, 31, 9, 12), dtype=bool)
    for *place, side in places:
        masks[(int(side), *place)] = True
    found = surface_distances(*masks, spacing, distance_metric=distance_metric)
    expected = distances_of(*masks, spacing, distance_metric)
    assert both_ways(found) == tuple(pytest.approx(sorted(way), abs=1e-12) for way in expected)


@pytest.mark.parametrize("distance_metric", sorted(DISTANCES))
@pytest.mark.parametrize("voxels", [0, 1e9], ids=["tree", "map"])
def test_a_tree_and_a_map_agree_with_all_pairs(voxels, distance_metric, monkeypatch):
    monkeypatch.setattr(surface, "VOXELS_A_POINT", voxels)
    masks = np.random.default_rng(0).random((2, 30, 12, 7)) < 0.003
    masks[0, :, :4] = masks[1, :, 8:] = False
    spacing = (0.7, 1.0, 3.0)
    found = surface_distances(*masks, spacing, distance_metric=distance_metric)
    expected = distances_of(*masks, spacing, distance_metric)
    assert max(found.from_prediction) > 3
    assert both_ways(found) == tuple(pytest.approx(sorted(way), abs=1e-12) for way in expected)


@pytest.mark.parametrize("spacing", [(1, 1, 1), (0.7, 0.7, 5.0), (3.0, 1.0, 0.2)])
def test_distances_are_those_of_the_distance_map_of_the_whole_image(spacing):
    a = ball((40, 38, 20), (18, 18, 9), 12, spacing)
    b = ball((40, 38, 20), (20, 19, 9), 9, spacing) | ball((40, 38, 20), (3, 33, 16), 3, spacing)
    rims = [mask & ~ndimage.binary_erosion(mask) for mask in (a, b)]
    maps = [ndimage.distance_transform_edt(~rim, sampling=spacing) for rim in rims]
    found = surface_distances(a, b, spacing)
    np.testing.assert_allclose(np.sort(found.from_prediction), np.sort(maps[1][rims[0]]), atol=1e-9)
    np.testing.assert_allclose(np.sort(found.from_target), np.sort(maps[0][rims[1]]), atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(two_masks(), spacings)
def test_sides_can_be_swapped_and_a_unit_changed(masks, factor):
    prediction, target, spacing = masks
    found = both_ways(surface_distances(prediction, target, spacing))
    assert both_ways(surface_distances(target, prediction, spacing)) == found[::-1]
    scaled = both_ways(surface_distances(prediction, target, [size * factor for size in spacing]))
    assert scaled == tuple(pytest.approx([one * factor for one in way]) for way in found)


@settings(max_examples=60, deadline=None)
@given(two_masks())
def test_a_surface_has_the_voxels_that_share_a_face_with_what_is_outside(masks):
    mask = masks[0]
    found = np.argwhere(edges(np.pad(mask, 1))) - 1
    assert [tuple(place) for place in found.tolist()] == surface_of(mask)


def test_a_mask_that_fills_the_image_has_a_surface_at_its_border():
    whole, voxel = np.ones((5, 5), dtype=bool), np.zeros((5, 5), dtype=bool)
    voxel[2, 2] = True
    found = surface_distances(whole, voxel, (1.0, 1.0))
    assert len(found.from_prediction) == 16
    assert found.from_prediction.max() == pytest.approx(math.sqrt(8))
    assert found.from_target.tolist() == [2]


def test_a_side_without_a_surface_is_infinitely_far():
    none, voxel = np.zeros((3, 4), dtype=bool), np.zeros((3, 4), dtype=bool)
    voxel[0, 3] = True
    found = surface_distances(voxel, none, (1.0, 1.0))
    assert (found.from_prediction.tolist(), found.from_target.tolist()) == ([math.inf], [])
    assert (found.both_empty, found.one_empty) == (False, True)
    found = surface_distances(none, none, (1.0, 1.0))
    assert (len(found.from_prediction), found.both_empty, found.one_empty) == (0, True, False)
    found = surface_distances(voxel, voxel, (1.0, 1.0))
    assert (found.from_target.tolist(), found.both_empty, found.one_empty) == ([0], False, False)


def test_the_box_has_all_of_both_masks():
    masks = np.zeros((2, 6, 7), dtype=bool)
    assert common_box(*masks) == (slice(0, 0), slice(0, 0))
    masks[0, 1, 5] = masks[1, 4, 2] = True
    assert common_box(*masks) == (slice(1, 5), slice(2, 6))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match=r"must agree in shape, got \(2, 3\) and \(3, 3\)"):
        surface_distances(np.ones((2, 3), dtype=bool), np.ones((3, 3), dtype=bool), (1, 1))
    with pytest.raises(ValueError, match=r"one number for each of 2 axes, got \(1,\)"):
        surface_distances(*np.ones((2, 2, 3), dtype=bool), (1,))
    with pytest.raises(ValueError, match="one of euclidean, taxicab, chessboard, got 'manhattan'"):
        surface_distances(*np.ones((2, 3), dtype=bool)[:, None], (1, 1), distance_metric="manhattan")
