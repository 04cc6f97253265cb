import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.mutual_information import GlobalMutualInformationLoss

RAMP = torch.linspace(0, 1, 49, dtype=torch.double).view(1, 1, 7, 7)


def gaussian_shares(values, bins, ratio):
    far = np.clip(values, 0, 1).reshape(-1, 1) - np.linspace(0, 1, bins)
    exponents = -(far**2) / (2 * (ratio / (bins - 1)) ** 2)
    weights = np.exp(exponents - exponents.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def spline_shares(values, bins, *, cubic):
    place = np.clip((values - values.min()) / (np.ptp(values) / (bins - 4)) + 2, 2, bins - 3).reshape(-1, 1)
    if not cubic:
        return (np.floor(place + 0.5) == np.arange(bins)).astype(float)
    far = np.abs(place - np.arange(bins))
    return np.where(far < 1, (4 - 6 * far**2 + 3 * far**3) / 6, np.maximum(2 - far, 0) ** 3 / 6)


def brute_force(first, second):
    """From the shares of each voxel in the bins, pair of bins by pair."""
    value = 0.0
    for one, other in np.ndindex(first.shape[1], second.shape[1]):
        joint, alone = (first[:, one] * second[:, other]).mean(), first[:, one].mean() * second[:, other].mean()
        value -= joint * np.log((joint + 1e-7) / (alone + 1e-7) + 1e-7)
    return value


@pytest.mark.parametrize(
    ("options", "other", "expected"),
    [
        ({}, RAMP**2, -1.92157),
        ({}, RAMP, -2.08887),
        ({"kernel_type": "b-spline", "num_bins": 32}, RAMP**2, -2.26239),
    ],
)
def test_the_ramp_has_the_value_of_the_sheet_of_facts(options, other, expected):
    assert GlobalMutualInformationLoss(**options)(RAMP, other).item() == pytest.approx(expected, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 12), st.floats(0.3, 2), st.sampled_from(["gaussian", "b-spline"]))
def test_the_loss_equals_its_definition_item_by_item(seed, bins, ratio, kind):
    x, y = np.random.default_rng(seed).uniform(-0.2, 1.2, size=(2, 2, 2, 4, 3))
    expected = []
    for a, b in zip(x, y, strict=True):
        gaussian = [gaussian_shares(one, bins, ratio) for one in (a, b)]
        splines = spline_shares(a, bins, cubic=True), spline_shares(b, bins, cubic=False)
        expected.append(brute_force(*(gaussian if kind == "gaussian" else splines)))
    loss = GlobalMutualInformationLoss(kind, bins, ratio, reduction="none")
    assert loss(torch.from_numpy(x), torch.from_numpy(y)).tolist() == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_an_image_tells_most_about_itself_and_any_order_of_voxels_tells_the_same(seed):
    chance = torch.Generator().manual_seed(seed)
    x, y = (torch.rand(1, 1, 40, generator=chance, dtype=torch.double) for _ in range(2))
    order, loss = torch.randperm(40, generator=chance), GlobalMutualInformationLoss()
    assert loss(x, x).item() < loss(x, y).item() < 1e-3
    assert loss(x[..., order], y[..., order]).item() == pytest.approx(loss(x, y).item(), abs=1e-9)
    assert loss(x, 1 - x).item() == pytest.approx(loss(x, x).item(), abs=1e-9)


def test_the_gradient_of_splines_is_that_of_finite_differences():
    chance = torch.Generator().manual_seed(0)
    pred, target = (torch.rand(2, 1, 12, generator=chance, dtype=torch.double) for _ in range(2))
    ends = torch.tensor([-1.0, 2.0], dtype=torch.double).expand(2, 1, 2)  # so that the bins stay where they are
    loss, target = GlobalMutualInformationLoss("b-spline", 8), torch.cat([target, ends], 2)
    assert torch.autograd.gradcheck(lambda given: loss(torch.cat([given, ends], 2), target), pred.requires_grad_())


def test_flat_images_tell_nothing_and_break_nothing():
    flat = torch.full((1, 1, 5, 5), 0.4, requires_grad=True)
    for kind in ("gaussian", "b-spline"):
        loss = GlobalMutualInformationLoss(kind)(flat, torch.full((1, 1, 5, 5), 0.4))
        assert loss.item() == pytest.approx(0, abs=1e-5)
        assert torch.isfinite(torch.autograd.grad(loss, flat)[0]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_type": "round"}, "kernel_type must be one of gaussian, b-spline, got 'round'"),
        ({"num_bins": 1}, "num_bins must be >= 2 for 'gaussian', got 1"),
        ({"num_bins": 4, "kernel_type": "b-spline"}, "num_bins must be >= 5 for 'b-spline', got 4"),
        ({"sigma_ratio": 0}, "sigma_ratio must be > 0, got 0"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        GlobalMutualInformationLoss(**options)
