import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.dice import DiceLoss
from bundlert.losses.masked import MaskedLoss


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_what_lies_outside_the_mask_is_of_no_account(seed):
    chance = torch.Generator().manual_seed(seed)
    first, second, noise = (torch.rand(2, 3, 4, 5, generator=chance) for _ in range(3))
    mask = torch.rand(2, 1, 4, 5, generator=chance) < 0.5
    for inner in (torch.nn.MSELoss(), DiceLoss()):
        loss = MaskedLoss(inner)
        torch.testing.assert_close(loss(torch.where(mask, first, noise), second, mask), loss(first, second, mask))


def test_the_mean_goes_over_all_voxels():
    ones, mask = torch.ones(1, 1, 4), torch.tensor([[[1.0, 0, 0, 0]]])
    assert MaskedLoss(torch.nn.MSELoss())(ones, 0 * ones, mask).item() == 0.25


def test_without_a_mask_it_is_the_loss_itself():
    first, second = torch.rand(1, 2, 4), torch.rand(1, 2, 4)
    assert torch.equal(MaskedLoss(DiceLoss())(first, second), DiceLoss()(first, second))


def test_gradients_are_zero_outside():
    first, mask = torch.rand(1, 1, 4, requires_grad=True), torch.tensor([[[1.0, 0, 1, 0]]])
    MaskedLoss(torch.nn.MSELoss())(first, torch.zeros(1, 1, 4), mask).backward()
    assert (first.grad[0, 0, [1, 3]] == 0).all()
    assert (first.grad[0, 0, [0, 2]] > 0).all()


@pytest.mark.parametrize("shape", [(1, 3, 4), (3, 1, 4), (2, 1, 5), (2, 4)])
def test_a_mask_that_doesnt_fit_is_told_with_both_shapes(shape):
    with pytest.raises(ValueError, match=r"of input \(2, 2, 4\), got \(" + ", ".join(map(str, shape))):
        MaskedLoss(DiceLoss())(torch.zeros(2, 2, 4), torch.zeros(2, 2, 4), torch.zeros(shape))
