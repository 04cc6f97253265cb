import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bundlert.metrics.lesions import find_peaks, label_lesions, major_axes_um


def slide(*boxes, shape=(30, 40)):
    mask = np.zeros(shape, dtype=bool)
    for top, left, high, wide in boxes:
        mask[top : top + high, left : left + wide] = True
    return mask


@pytest.mark.parametrize(("grow_um", "lesions"), [(0, 2), (4, 2), (4.1, 1), (20, 1)])
def test_lesions_that_touch_once_they_are_grown_are_one(grow_um, lesions):
    mask = slide((5, 5, 4, 4), (5, 11, 4, 4))  # two pixels between them: each must reach the next one
    assert label_lesions(mask, (2.0, 2.0), grow_um).max() == lesions
    assert label_lesions(mask, (2.0, 4.0), 2 * grow_um).max() == lesions


def test_growth_is_by_less_than_half_of_the_distance():
    mask = slide((10, 10, 1, 1))
    assert (label_lesions(mask, (1.0, 1.0), 2) > 0).sum() == 1
    assert (label_lesions(mask, (1.0, 1.0), 2.1) > 0).sum() == 5
    assert (label_lesions(mask, (1.0, 2.0), 2.1) > 0).sum() == 3
    assert (label_lesions(mask, (1.0, 1.0), 0) > 0).sum() == 1


def test_holes_are_filled_and_corners_touch():
    ring = slide((2, 2, 7, 7)) & ~slide((4, 4, 3, 3))
    assert (label_lesions(ring, (1.0, 1.0), 0) > 0).sum() == 49
    assert label_lesions(slide((2, 2, 3, 3), (5, 5, 3, 3)), (1.0, 1.0), 0).max() == 1
    assert label_lesions(slide(), (1.0, 1.0), 75).max() == 0


def by_moments(lesion, spacing_um):
    """Four times the root of the greatest eigenvalue of the second moments, pixels being squares."""
    places = np.argwhere(lesion) * spacing_um
    moments = np.cov(places.T, bias=True) + np.diag(np.square(spacing_um)) / 12
    return 4 * math.sqrt(np.linalg.eigvalsh(moments)[-1])


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(bool, (8, 9)).filter(np.any),
    st.tuples(st.sampled_from([0.5, 1, 2.0]), st.sampled_from([0.25, 1, 3.0])),
)
def test_a_length_is_the_one_of_the_ellipse_with_the_same_moments(mask, spacing_um):
    lesions = label_lesions(mask, spacing_um, 0)
    expected = [by_moments(lesions == number, spacing_um) for number in range(1, lesions.max() + 1)]
    assert major_axes_um(lesions, spacing_um).tolist() == pytest.approx(expected)


def test_lengths_by_hand():
    bar = label_lesions(slide((3, 3, 1, 12)), (1.0, 1.0), 0)
    assert major_axes_um(bar, (1.0, 1.0)).tolist() == pytest.approx([4 * math.sqrt(12**2 / 12)])  # of a rod
    assert major_axes_um(bar, (1.0, 0.5)).tolist() == pytest.approx([2 * math.sqrt(12**2 / 12)])
    rows, columns = np.indices((201, 201)) - 100
    disc = (rows**2 + columns**2 <= 80**2).astype(np.intp)
    assert major_axes_um(disc, (1.0, 1.0))[0] == pytest.approx(160, abs=0.5)  # its diameter
    assert major_axes_um(np.zeros((3, 3), dtype=np.intp), (1.0, 1.0)).shape == (0,)


def highest_first(probabilities, threshold, box):
    """The highest pixel, its box emptied, again and again."""
    left, found = probabilities.copy(), []
    while left.max() > threshold:
        row, column = np.unravel_index(left.argmax(), left.shape)
        found.append((left[row, column], row, column))
        top, first = row - box // 2, column - box // 2
        left[max(top, 0) : top + box, max(first, 0) : first + box] = 0
    return found


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(float, (9, 11), elements=st.sampled_from([0, 0.2, 0.5, 0.7, 0.9])),
    st.sampled_from([0, 0.5, 0.6]),
    st.integers(1, 7),
)
def test_peaks_are_found_as_by_emptying_boxes(probabilities, threshold, box):
    scores, places = find_peaks(probabilities, sigma=0, threshold=threshold, box=box)
    expected = highest_first(probabilities, threshold, box)
    assert [(score, *place) for score, place in zip(scores, places.tolist(), strict=True)] == expected


def test_a_box_of_even_size_reaches_farther_to_the_upper_left():
    line = np.full((1, 9), 0.6)
    line[0, 4] = 0.9
    _, places = find_peaks(line, sigma=0, threshold=0.5, box=4)
    assert places[:, 1].tolist() == [4, 0, 6, 8]  # the first empties 2 to 5, the next -2 to 1, the last 4 to 7


def test_smoothing_comes_first():
    probabilities = np.zeros((21, 21))
    probabilities[10, 10] = 1
    scores, places = find_peaks(probabilities, sigma=1.0, threshold=0.1, box=48)
    assert places.tolist() == [[10, 10]]
    assert scores[0] == pytest.approx(1 / (2 * math.pi), abs=1e-3)
    assert len(find_peaks(probabilities, sigma=1.0, threshold=0.5, box=48)[0]) == 0
