"""Voxel by voxel it is worked out in test_differences."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.diffusion import DiffusionLoss

X, Y = torch.meshgrid(*[torch.arange(8, dtype=torch.double)] * 2, indexing="ij")


@pytest.mark.parametrize(
    ("field", "expected"),
    [((0.1 * X + 0.2 * Y, 0.3 * X - 0.1 * Y), 0.075), ((0.1 * X**2, 0.1 * X * Y), 0.455)],
)
def test_the_value_is_that_worked_out_by_hand(field, expected):
    assert DiffusionLoss()(torch.stack(field)[None]).item() == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(-9, 9))
def test_a_shift_costs_nothing(seed, shift):
    field = torch.randn(1, 2, 5, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.double)
    assert DiffusionLoss()(torch.full_like(field, shift)).item() == 0
    assert DiffusionLoss()(field + shift).item() == pytest.approx(DiffusionLoss()(field).item(), rel=1e-9)


def test_in_units_of_the_size_a_component_counts_by_the_length_of_its_axis():
    field = torch.zeros(1, 2, 6, 12, dtype=torch.double)
    field[:, 0] = torch.arange(12)  # 1 voxel of axis 0 for each of axis 1: twice as much in sizes
    assert DiffusionLoss()(field).item() == pytest.approx(0.5)
    assert DiffusionLoss(normalize=True)(field).item() == pytest.approx(2)


def test_components_and_voxels_that_arent_reduced_are_those_inside():
    assert DiffusionLoss(reduction="none")(torch.randn(2, 3, 4, 5, 6)).shape == (2, 3, 2, 3, 4)


def test_too_few_components_are_told():
    with pytest.raises(ValueError, match=r"with D axes, got \(1, 2, 4, 4, 4\)"):
        DiffusionLoss()(torch.zeros(1, 2, 4, 4, 4))
