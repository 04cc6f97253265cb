"""Generalised Dice loss + focal loss."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from bundlert.losses.focal import FocalLoss
from bundlert.losses.generalized_dice import GeneralizedDiceLoss


class GeneralizedDiceFocalLoss(nn.Module):
    """lambda_gdl * GeneralizedDiceLoss + lambda_focal * FocalLoss.

    The focal part takes each class as a sigmoid of its own, whatever the Dice part takes.

    Source: Sudre et al., DLMIA 2017; Lin et al., ICCV 2017.

    Args:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map to be taken as classes.
        sigmoid: Whether the Dice part takes a sigmoid of the scores.
        softmax: Whether the Dice part takes a softmax of the scores.
        w_type: As in GeneralizedDiceLoss.
        reduction: `mean`, `sum` or `none`, as in both; not reduced, the Dice of an item is added to its voxels.
        smooth_nr: As in GeneralizedDiceLoss.
        smooth_dr: As in GeneralizedDiceLoss.
        batch: As in GeneralizedDiceLoss.
        gamma: As in FocalLoss.
        weight: As in FocalLoss.
        lambda_gdl: Weight of the Dice part, >= 0.
        lambda_focal: Weight of the focal part, >= 0.

    Shape:
        input [B, K, *S] scores, target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or [B, K, *S] if not
        reduced.

    Raises:
        ValueError: A negative lambda, or what GeneralizedDiceLoss and FocalLoss refuse.
    """

    def __init__(
        self,
        *,
        include_background: bool = True,
        to_onehot_y: bool = False,
        sigmoid: bool = False,
        softmax: bool = False,
        w_type: str = "square",
        reduction: str = "mean",
        smooth_nr: float = 1e-5,
        smooth_dr: float = 1e-5,
        batch: bool = False,
        gamma: float = 2.0,
        weight: Sequence[float] | float | None = None,
        lambda_gdl: float = 1.0,
        lambda_focal: float = 1.0,
    ) -> None:
        super().__init__()
        if min(lambda_gdl, lambda_focal) < 0:
            raise ValueError(f"lambda_gdl and lambda_focal must be >= 0, got {lambda_gdl} and {lambda_focal}")
        self.generalized_dice = GeneralizedDiceLoss(
            include_background=include_background,
            to_onehot_y=to_onehot_y,
            sigmoid=sigmoid,
            softmax=softmax,
            w_type=w_type,
            reduction=reduction,
            smooth_nr=smooth_nr,
            smooth_dr=smooth_dr,
            batch=batch,
        )
        self.focal = FocalLoss(
            include_background=include_background,
            to_onehot_y=to_onehot_y,
            gamma=gamma,
            weight=weight,
            reduction=reduction,
        )
        self.lambda_gdl, self.lambda_focal = lambda_gdl, lambda_focal

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The weighted sum of both parts."""
        dice, focal = self.focal.beside(self.generalized_dice, input, target)
        if self.focal.reduction == "none":
            dice = dice.view(-1, *[1] * (input.ndim - 1))
        return self.lambda_gdl * dice + self.lambda_focal * focal
