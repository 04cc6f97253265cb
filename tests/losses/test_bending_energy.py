"""Voxel by voxel it is worked out in test_differences."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.bending_energy import BendingEnergyLoss

X, Y = torch.meshgrid(*[torch.arange(8, dtype=torch.double)] * 2, indexing="ij")


@pytest.mark.parametrize(
    ("field", "plain", "normalized"),
    [((0.1 * X + 0.2 * Y, 0.3 * X - 0.1 * Y), 0, 0), ((0.1 * X**2, 0.1 * X * Y), 0.03, 1.92)],
)
def test_the_value_is_that_worked_out_by_hand(field, plain, normalized):
    field = torch.stack(field)[None]
    assert BendingEnergyLoss()(field).item() == pytest.approx(plain, abs=1e-12)
    assert BendingEnergyLoss(normalize=True)(field).item() == pytest.approx(normalized, abs=1e-12)


def test_the_finest_ripple_costs_most():
    ripple = (-1.0) ** torch.arange(12, dtype=torch.double).view(1, 1, 12)
    assert BendingEnergyLoss()(ripple).item() == 16  # 4^2; taking central differences twice would give 0


def test_white_noise_has_the_energy_of_its_stencils():
    noise = torch.randn(1, 3, 40, 40, 40, generator=torch.Generator().manual_seed(0))
    assert BendingEnergyLoss()(noise).item() == pytest.approx(3 * 6 + 3 * 2 / 4, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_affine_fields_cost_nothing_and_added_to_others_change_nothing(seed, axes):
    chance = torch.Generator().manual_seed(seed)
    grid = torch.stack(torch.meshgrid(*[torch.arange(n, dtype=torch.double) for n in (5, 6, 4)[:axes]], indexing="ij"))
    affine = torch.tensordot(torch.randn(axes, axes, generator=chance, dtype=torch.double), grid, dims=1)[None]
    other = torch.randn(affine.shape, generator=chance, dtype=torch.double)
    loss = BendingEnergyLoss()
    assert loss(affine).item() == pytest.approx(0, abs=1e-10)
    assert loss(other + affine).item() == pytest.approx(loss(other).item(), rel=1e-9)
    assert loss(3 * other).item() == pytest.approx(9 * loss(other).item(), rel=1e-9)


def test_components_and_voxels_that_arent_reduced_are_those_inside():
    field = torch.randn(2, 3, 4, 5, 6)
    assert BendingEnergyLoss(reduction="none")(field).shape == (2, 3, 2, 3, 4)


def test_a_field_too_small_is_told():
    with pytest.raises(ValueError, match=r"3 voxels or more along each axis, got \(1, 2, 2, 9\)"):
        BendingEnergyLoss()(torch.zeros(1, 2, 2, 9))
