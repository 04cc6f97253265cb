import pytest
import torch
from losses.brute_force import make_case

from bundlert.losses.focal import FocalLoss
from bundlert.losses.generalized_dice import GeneralizedDiceLoss
from bundlert.losses.generalized_dice_focal import GeneralizedDiceFocalLoss


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("background", [True, False])
def test_it_is_the_weighted_sum_of_both_parts(activation, reduction, background):
    scores, labels = make_case(0)
    options = {"to_onehot_y": True, "include_background": background, "reduction": reduction}
    loss = GeneralizedDiceFocalLoss(**options, **{activation: True}, gamma=1.5, lambda_gdl=0.3, lambda_focal=2)
    dice = GeneralizedDiceLoss(**options, **{activation: True})(scores, labels)
    if reduction == "none":
        dice = dice.view(2, 1, 1, 1)
    focal = FocalLoss(**options, gamma=1.5)(scores, labels)
    torch.testing.assert_close(loss(scores, labels), 0.3 * dice + 2 * focal, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_the_gradient_is_that_of_finite_differences(activation):
    scores, labels = make_case(1)
    loss = GeneralizedDiceFocalLoss(to_onehot_y=True, **{activation: True})
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), scores.requires_grad_())


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match=r"lambda_gdl and lambda_focal must be >= 0, got 1.0 and -1"):
        GeneralizedDiceFocalLoss(lambda_focal=-1)
