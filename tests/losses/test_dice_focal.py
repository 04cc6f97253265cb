import pytest
import torch
from losses.brute_force import make_case

from bundlert.losses.dice import DiceLoss
from bundlert.losses.dice_focal import DiceFocalLoss
from bundlert.losses.focal import FocalLoss


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("background", [True, False])
def test_it_is_the_weighted_sum_of_both_parts(activation, reduction, background):
    scores, labels = make_case(0)
    options = {"to_onehot_y": True, "include_background": background, "reduction": reduction}
    loss = DiceFocalLoss(**options, **{activation: True}, gamma=1.5, lambda_dice=0.3, lambda_focal=2)
    dice = DiceLoss(**options, **{activation: True})(scores, labels)
    if reduction == "none":
        dice = dice.view(2, -1, 1, 1)
    focal = FocalLoss(**options, gamma=1.5)(scores, labels)
    torch.testing.assert_close(loss(scores, labels), 0.3 * dice + 2 * focal, rtol=1e-9, atol=1e-9)


def test_the_loss_has_the_value_worked_out_by_hand():
    scores = torch.tensor([[[[2.0, -1], [0, 1]], [[-1, 1], [0.5, 3]]]])
    labels = torch.tensor([[[[0, 1], [0, 1]]]])
    loss = DiceFocalLoss(to_onehot_y=True, sigmoid=True, squared_pred=True, batch=True)
    assert loss(scores, labels).item() == pytest.approx(0.3536711, abs=1e-6)  # from the sheet of facts


def test_a_weight_counts_in_both_parts():
    scores, labels = make_case(0)
    loss = DiceFocalLoss(to_onehot_y=True, sigmoid=True, weight=[1, 2, 3])
    dice = DiceLoss(to_onehot_y=True, sigmoid=True, weight=[1, 2, 3])(scores, labels)
    focal = FocalLoss(to_onehot_y=True, weight=[1, 2, 3])(scores, labels)
    torch.testing.assert_close(loss(scores, labels), dice + focal)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_the_gradient_is_that_of_finite_differences(activation):
    scores, labels = make_case(1)
    loss = DiceFocalLoss(to_onehot_y=True, **{activation: True})
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), scores.requires_grad_())


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match=r"lambda_dice and lambda_focal must be >= 0, got 1.0 and -1"):
        DiceFocalLoss(lambda_focal=-1)
