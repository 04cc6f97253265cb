import numpy as np
import pytest
import torch
from metrics.brute_force import distances_of

from bundlert.metrics.case import Case


def distances(case, kind):
    return tuple(sorted(way.tolist()) for way in case.distances(kind))


def test_the_surfaces_of_each_class_are_those_of_its_mask_alone():
    rng = np.random.default_rng(0)
    sides = [np.pad(rng.integers(0, 4, (5, 4, 6)), 2) for _ in range(2)]
    sides[0][sides[0] == 3] = 0  # only one side has it
    case = Case(*(torch.from_numpy(side)[None] for side in sides), (1.0, 2.0, 0.5))
    for kind in range(6):
        expected = distances_of(sides[0] == kind, sides[1] == kind, (1.0, 2.0, 0.5))
        assert distances(case, kind) == tuple(pytest.approx(sorted(way)) for way in expected)


def test_masks_that_overlap_have_surfaces_of_their_own():
    sides = np.random.default_rng(1).random((2, 3, 5, 6)) > 0.4
    case = Case(*(torch.from_numpy(side).float() for side in sides))
    for kind in range(3):
        expected = distances_of(sides[0, kind], sides[1, kind], (1.0, 1.0))
        assert distances(case, kind) == tuple(pytest.approx(sorted(way)) for way in expected)


def test_what_is_asked_for_twice_is_worked_out_once():
    case = Case(torch.ones(1, 3, 3), torch.ones(1, 3, 3))
    assert case.distances(1) is case.distances(1)
    assert case.distances(1) is not case.distances(1, "taxicab")
    assert case.counts(2) is case.counts(2)
    assert case.counts(2).tolist() == [[0, 0, 0, 9], [9, 0, 0, 0]]


@pytest.mark.parametrize("spacing", [2, 2.0, [2, 2], np.array([2.0, 2.0])])
def test_a_spacing_is_one_number_or_one_for_each_axis(spacing):
    assert Case(torch.ones(1, 3, 3), torch.ones(1, 3, 3), spacing).spacing_mm == (2.0, 2.0)


@pytest.mark.parametrize("spacing", [0, -1.0, (1, 2, 3), (1.0,), (1.0, float("nan")), float("inf")])
def test_a_spacing_that_is_none_is_refused(spacing):
    with pytest.raises(ValueError, match="spacing must be a positive number of mm for each of 2 axes, got "):
        Case(torch.ones(1, 3, 3), torch.ones(1, 3, 3), spacing)


def test_what_has_no_axis_has_no_surface():
    with pytest.raises(ValueError, match=r"surfaces need a spatial axis, got a target of shape \(1,\)"):
        Case(torch.ones(1), torch.ones(1)).distances(1)
