from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from bundlert.transforms.label import runs
from bundlert.transforms.label.runs import connected_runs, spread


def check(mask, connectivity):
    """Regions are those of scipy, and numbered as there."""
    found = connected_runs(mask, connectivity)
    numbered, count = ndimage.label(mask, ndimage.generate_binary_structure(mask.ndim, connectivity))
    assert found.sizes.tolist() == np.bincount(numbered.ravel(), minlength=1)[1:].tolist()
    painted = np.zeros(mask.size, int)
    for region in range(count):
        painted[found.voxels_of(np.arange(count) == region)] = region + 1
    np.testing.assert_array_equal(painted.reshape(mask.shape), numbered)
    assert (np.diff(found.starts) > 0).all()


SHAPES = [(40,), (9, 14), (5, 6, 8), (3, 4, 2, 5), (1, 1, 1), (7, 1, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.8, 1.0])
@pytest.mark.parametrize("shortest", [0, 32])
def test_regions_are_those_of_scipy_by_runs_or_by_voxels(shape, share, shortest, monkeypatch):
    monkeypatch.setattr(runs, "_SHORTEST", shortest)
    for seed in range(5):
        mask = np.random.default_rng(seed).random(shape) < share
        for connectivity in range(1, len(shape) + 1):
            check(mask, connectivity)


@given(arrays.arrays(bool, st.tuples(*[st.integers(1, 5)] * 3)), st.integers(1, 3))
def test_any_small_mask(mask, connectivity):
    check(mask, connectivity)


def test_parts_and_turned_masks_count_along_their_own_axes():
    mask = np.random.default_rng(0).random((12, 13, 14)) < 0.3
    check(mask[2:9, 1:, 3:13], 3)
    check(mask.transpose(2, 0, 1), 2)


def test_ranges_are_spread():
    assert spread(np.array([5, 1, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert spread(np.zeros(0, int), np.zeros(0, int)).tolist() == []
