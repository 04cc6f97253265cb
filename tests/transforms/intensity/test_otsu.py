from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.transforms.intensity.otsu import otsu_threshold


def plain(values, thresholds):
    """The first threshold with the greatest variance between what is up to it and what is above."""
    best, found = -1.0, thresholds[0]
    for threshold in thresholds:
        below, above = values[values <= threshold], values[values > threshold]
        if len(below) and len(above):
            between = len(below) * len(above) * (below.mean() - above.mean()) ** 2
            if between > best * (1 + 1e-12):
                best, found = between, threshold
    return found


@given(values=st.lists(st.integers(0, 30), min_size=2, max_size=50))
def test_integers_are_split_where_the_classes_differ_most(values):
    values = np.array(values, np.uint8)
    if values.min() < values.max():
        expected = plain(values.astype(float), range(values.min(), values.max()))
        assert otsu_threshold(torch.from_numpy(values)) == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64, np.int16])
def test_two_heaps_are_told_apart(dtype):
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(-50, 5, 3000), rng.normal(300, 20, 500)]).astype(dtype)
    threshold = otsu_threshold(torch.from_numpy(values))
    assert 500 <= (values > threshold).sum() <= 503


def test_floats_are_counted_in_256_bins_and_their_centres_compared():
    values = np.random.default_rng(0).gamma(2, size=5000).astype(np.float32)
    counts, edges = np.histogram(values, 256)
    centres = (edges[1:] + edges[:-1]) / 2
    expected = plain(np.repeat(centres, counts), centres)
    assert otsu_threshold(torch.from_numpy(values)) == pytest.approx(expected, rel=1e-5)


def test_a_constant_and_what_is_not_finite():
    assert otsu_threshold(torch.full((5,), 7)) == 7
    assert otsu_threshold(torch.tensor([np.nan, 2.0, 2.0])) == 2
    values = torch.tensor([0.0, 0.1, 9.0, 9.1])
    with_more = torch.cat([values, torch.tensor([np.nan, np.inf])])
    assert otsu_threshold(with_more) == otsu_threshold(values)
