"""The values of the ramp come from the sheet of facts; voxel by voxel it is worked out in test_local_correlation."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.local_normalized_cross_correlation import LocalNormalizedCrossCorrelationLoss

RAMP = torch.linspace(0, 1, 49, dtype=torch.double).view(1, 1, 7, 7)


@pytest.mark.parametrize(
    ("options", "other", "expected"),
    [
        ({"kernel_type": "rectangular"}, RAMP**2, -0.968899),
        ({"kernel_type": "gaussian"}, RAMP**2, -0.963769),
        ({}, RAMP, -1),
        ({}, 1 - 2 * RAMP, -0.751491),  # what lies outside is 0 and not 1
    ],
)
def test_the_ramp_has_the_value_worked_out_by_hand(options, other, expected):
    loss = LocalNormalizedCrossCorrelationLoss(2, 3, **options)
    assert loss(RAMP, other).item() == pytest.approx(expected, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["rectangular", "triangular", "gaussian"]),
    st.sampled_from([3, 5]),
    st.integers(1, 3),
)
def test_it_lies_between_minus_one_and_zero_and_an_image_is_most_like_itself(seed, kind, size, axes):
    chance = torch.Generator().manual_seed(seed)
    first, second = (torch.rand(2, 2, *[6, 5, 7][:axes], generator=chance, dtype=torch.double) for _ in range(2))
    loss = LocalNormalizedCrossCorrelationLoss(axes, size, kind, smooth_dr=1e-12)
    assert -1 - 1e-9 <= loss(first, second).item() <= 0
    assert loss(first, second).item() == pytest.approx(loss(second, first).item(), abs=1e-12)
    assert loss(first, first).item() == pytest.approx(-1, abs=1e-6)
    assert loss(first, 7 * first).item() == pytest.approx(-1, abs=1e-6)


def test_contrast_changes_nothing_inside():
    first = torch.rand(1, 1, 9, 9, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    inside = LocalNormalizedCrossCorrelationLoss(2, reduction="none")(first, 3 - 2 * first)[..., 1:-1, 1:-1]
    torch.testing.assert_close(inside, torch.full_like(inside, -1))


@pytest.mark.parametrize("kind", ["rectangular", "triangular", "gaussian"])
def test_float32_is_exact_to_a_millionth(kind):
    chance = torch.Generator().manual_seed(0)
    first, second = (torch.rand(1, 1, 20, 24, 22, generator=chance) for _ in range(2))
    loss = LocalNormalizedCrossCorrelationLoss(kernel_size=5, kernel_type=kind)
    assert loss(first, second).item() == pytest.approx(loss(first.double(), second.double()).item(), abs=1e-6)


def test_each_voxel_of_each_channel_stands_alone():
    first, second = torch.rand(2, 3, 5, 6, dtype=torch.double), torch.rand(2, 3, 5, 6, dtype=torch.double)
    loss = LocalNormalizedCrossCorrelationLoss(2, reduction="none")
    assert loss(first, second).shape == (2, 3, 5, 6)
    torch.testing.assert_close(loss(first, second)[:, 1:2], loss(first[:, 1:2], second[:, 1:2]))


def test_flat_images_cost_nothing_and_have_a_gradient():
    flat = torch.zeros(1, 1, 4, 4, 4, requires_grad=True)
    loss = LocalNormalizedCrossCorrelationLoss()(flat, torch.zeros(1, 1, 4, 4, 4))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(flat.grad, torch.zeros_like(flat))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spatial_dims": 4}, "spatial_dims must be 1, 2 or 3, got 4"),
        ({"kernel_size": 4}, "kernel_size must be odd and >= 3, got 4"),
        ({"kernel_type": "round"}, "kernel_type must be one of rectangular, triangular, gaussian, got 'round'"),
        ({"smooth_dr": 0}, "smooth_dr must be > 0, got 0"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        LocalNormalizedCrossCorrelationLoss(**options)
