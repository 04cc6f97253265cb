from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from bundlert.transforms.label.fill_holes import FillHoles, holes


def plain(labels, connectivity, wanted=None):
    """Each region of background by itself, on the whole volume."""
    neighbours = ndimage.generate_binary_structure(labels.ndim, connectivity or labels.ndim)
    regions, count = ndimage.label(labels == 0, neighbours)
    filled = labels.copy()
    for number in range(1, count + 1):
        region = np.pad(regions == number, 1)
        around = np.pad(labels.astype(float), 1, constant_values=-1)[
            ndimage.binary_dilation(region, neighbours) & ~region
        ]
        if len(set(around)) == 1 and around[0] > 0 and (wanted is None or around[0] in wanted):
            filled[regions == number] = around[0]
    return filled


@pytest.mark.parametrize("shape", [(30, 33), (13, 12, 11)])
@pytest.mark.parametrize("connectivity", [1, 2, None])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_holes_with_one_label_around_are_filled(relabelled, blobs, shape, connectivity, dtype):
    labels = np.where(blobs(shape, classes=2) + blobs(shape, seed=1) > 0, blobs(shape, seed=2).max(initial=0), 0)
    labels = np.where(np.arange(shape[0]).reshape(1, -1, *[1] * (len(shape) - 1)) > shape[0] // 2, labels * 2, labels)
    labels = labels.astype(dtype)
    expected = plain(labels[0], connectivity)
    assert (expected != labels[0]).any()
    np.testing.assert_array_equal(relabelled(FillHoles("label", connectivity=connectivity), labels)[0], expected)


@given(st.lists(st.integers(0, 2), min_size=49, max_size=49), st.sampled_from([1, 2]))
def test_small_images_of_any_labels(relabelled, values, connectivity):
    labels = np.array(values, np.uint8).reshape(1, 7, 7)
    result = relabelled(FillHoles("label", connectivity=connectivity), labels)
    np.testing.assert_array_equal(result[0], plain(labels[0], connectivity))


def test_a_hole_between_two_labels_or_at_the_border_is_none(relabelled):
    labels = [[[1, 1, 1, 2, 2, 2, 3, 3], [1, 0, 1, 2, 0, 0, 3, 0], [1, 1, 1, 2, 2, 2, 3, 3]]]
    filled = [[[1, 1, 1, 2, 2, 2, 3, 3], [1, 1, 1, 2, 0, 0, 3, 0], [1, 1, 1, 2, 2, 2, 3, 3]]]
    assert relabelled(FillHoles("label"), labels).tolist() == filled


def test_corners_let_the_background_out_where_they_count(relabelled):
    labels = np.array([[[0, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 0, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]])
    labels[0, 1, 3] = 0
    assert relabelled(FillHoles("label", connectivity=1), labels)[0, 2, 2] == 1
    assert relabelled(FillHoles("label"), labels)[0, 2, 2] == 0


def test_only_labels_asked_for_are_filled(relabelled):
    rings = np.array([[[1, 1, 1, 0, 2, 2, 2], [1, 0, 1, 0, 2, 0, 2], [1, 1, 1, 0, 2, 2, 2]]])
    for wanted in (2, [2, 5]):
        result = relabelled(FillHoles("label", wanted), rings)
        assert (result[0, 1, 1], result[0, 1, 5]) == (0, 2)


def test_one_hot_is_as_labels_are(relabelled, blobs):
    labels = (blobs((30, 33), classes=2) | blobs((30, 33), classes=2, seed=1)) * 1
    onehot = np.stack([labels[0] == label for label in range(3)]).astype(np.float32)
    plain_result = relabelled(FillHoles("label"), labels)[0]
    assert (plain_result != labels[0]).any()
    np.testing.assert_array_equal(relabelled(FillHoles("label"), onehot), [plain_result == label for label in range(3)])


@pytest.mark.parametrize("labels", [np.zeros((1, 4, 5), np.uint8), np.ones((1, 4, 5), np.uint8), np.zeros((3, 4, 5))])
def test_nothing_to_fill(relabelled, labels):
    np.testing.assert_array_equal(relabelled(FillHoles("label"), labels), labels)


def test_holes_are_told_with_their_labels():
    ring = np.array([[2, 2, 2], [2, 0, 2], [2, 2, 2]])
    places, values = holes(ring, 2)
    assert places.tolist() == [[1], [1]]
    assert values.tolist() == [2]


def test_connectivity_is_checked(picture):
    with pytest.raises(ValueError, match=r"connectivity must lie in 1..2 for 2 axes, got 3"):
        FillHoles("label", connectivity=3)({"label": picture(np.ones((1, 3, 3)))})
