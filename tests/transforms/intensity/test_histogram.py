from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bundlert.errors import DataError
from bundlert.transforms.intensity.histogram import HistogramNormalize, looked_up

DATA = np.random.default_rng(0).normal(20, 300, size=(2, 9, 8, 7)).astype(np.float32)


def plain(data, bins, low, high, mask=None):
    counts, edges = np.histogram(data if mask is None else data[mask], bins)
    upto = counts.cumsum().astype(float)
    upto = (upto - upto[0]) / (upto[-1] - upto[0]) * (high - low) + low
    return np.interp(data, (edges[1:] + edges[:-1]) / 2, upto)


@pytest.mark.parametrize("bins", [2, 20, 256])
def test_values_follow_their_cumulated_histogram(changed, bins):
    result = changed(HistogramNormalize("image", bins, -1, 3), DATA)
    np.testing.assert_allclose(result, plain(DATA, bins, -1, 3), atol=0.003)


def test_brightness_is_spread_evenly(changed):
    data = np.random.default_rng(0).exponential(size=(1, 100, 100)).astype(np.float32)
    counts, _ = np.histogram(changed(HistogramNormalize("image", 4096), data), 10)
    assert counts.max() < 1.3 * counts.min()


def test_only_the_mask_counts(changed):
    mask = np.random.default_rng(1).random((1, 9, 8, 7)) < 0.4
    result = changed(HistogramNormalize("image", 20, mask_key="mask"), DATA[:1], mask=mask)
    np.testing.assert_allclose(result, plain(DATA[:1], 20, 0, 255, mask), atol=0.1)


@given(data=arrays.arrays(np.float32, (1, 5, 5), elements=st.floats(-1e3, 1e3, width=32)))
def test_results_keep_their_order_and_lie_between_the_ends(changed, data):
    result = changed(HistogramNormalize("image", 8, 1, 2), data).ravel()
    assert (np.diff(result[np.argsort(data.ravel(), kind="stable")]) >= -1e-5).all()
    assert 1 - 1e-5 <= result.min() <= result.max() <= 2 + 1e-5


def test_a_constant_becomes_the_lower_end_and_nan_stays(changed):
    assert (changed(HistogramNormalize("image", min=3), torch.full((1, 4, 4), 7.0)) == 3).all()
    result = changed(HistogramNormalize("image", 2, 0, 1), torch.tensor([[np.nan, 0, 1, np.inf, -np.inf]]))
    np.testing.assert_allclose(result, [[np.nan, 0, 1, 1, 0]], atol=1e-6)


def test_a_table_is_looked_up_between_its_places():
    table, place = torch.tensor([0.0, 10.0, 40.0]), torch.tensor([[0, 0.25], [1.5, 2]])
    assert looked_up(table, place).tolist() == [[0, 2.5], [25, 40]]
    assert looked_up(table, torch.tensor([torch.nan])).isnan().all()


def test_arguments_are_checked(picture):
    with pytest.raises(ValueError, match="num_bins must be >= 2, got 1"):
        HistogramNormalize("image", 1)
    with pytest.raises(ValueError, match="min must be <= max, got 3 and 2"):
        HistogramNormalize("image", min=3, max=2)
    with pytest.raises(DataError, match="'mask' and 'image' differ in shape"):
        HistogramNormalize("image", mask_key="mask")(
            {"image": picture(torch.zeros(1, 3, 3)), "mask": picture(torch.zeros(1, 3, 2))}
        )
