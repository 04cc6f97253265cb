from itertools import pairwise

import numpy as np
import pytest

from bundlert.data.phantom.anatomy import SPLEEN, Patient, organs


def patient(seed=0):
    return Patient(np.random.default_rng(seed))


def coarse_points():
    axes = (np.arange(-160, 161, 8), np.arange(-120, 121, 8), np.arange(60, 221, 8))
    return tuple(np.meshgrid(*(axis.astype(np.float32) for axis in axes), indexing="ij"))


def painted(seed=0):
    points = coarse_points()
    return points, list(organs(points, patient(seed)))


def test_a_patient_comes_from_the_seed():
    assert patient(1).hu == patient(1).hu
    assert patient(1).hu != patient(2).hu


@pytest.mark.parametrize("seed", range(20))
def test_a_neighbour_is_exactly_as_bright_as_the_spleen(seed):
    hu = patient(seed).hu
    assert 52 <= hu[SPLEEN] <= 127
    assert hu[SPLEEN] in [hu[name] for name in ("liver", "kidney", "stomach")]


def test_the_spleen_is_painted_last_so_that_nothing_covers_it():
    names = [name for name, _, _ in painted()[1]]
    assert names[-1] == SPLEEN
    assert {"fat", "lung", "liver", "kidney", "stomach", "pancreas", "aorta", "vertebra", "rib"} <= set(names)


def test_skin_fat_muscle_and_cavity_lie_within_each_other():
    shapes = {name: shape < 0 for name, shape, _ in painted()[1]}
    layers = [shapes[name] for name in ("skin", "fat", "muscle", "visceral fat")]
    for outer, inner in pairwise(layers):
        assert not (inner & ~outer).any()
        assert inner.sum() < outer.sum()


@pytest.mark.parametrize("seed", range(4))
def test_the_spleen_lies_at_the_back_of_the_left_side_and_the_liver_on_the_right(seed):
    (x, y, _), shapes = painted(seed)
    spleen, liver = (next(shape < 0 for name, shape, _ in shapes if name == wanted) for wanted in (SPLEEN, "liver"))
    assert x[spleen].max() < 0
    assert y[spleen].mean() < -10
    assert x[liver].mean() > 0


@pytest.mark.parametrize("seed", range(4))
def test_fat_lies_between_the_spleen_and_the_organs_that_press_on_it(seed):
    _, shapes = painted(seed)
    spleen = shapes[-1][1] < 0
    assert spleen.any()
    for name in ("kidney", "stomach", "pancreas"):
        for shape in (shape for known, shape, _ in shapes if known == name):
            assert shape[spleen].min() > 3.4
