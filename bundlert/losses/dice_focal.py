"""Dice loss + focal loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from bundlert.losses.dice import DiceLoss
from bundlert.losses.focal import FocalLoss


class DiceFocalLoss(nn.Module):
    """lambda_dice * DiceLoss + lambda_focal * FocalLoss.

    The focal part takes each class as a sigmoid of its own, whatever the Dice part takes.

    Source: Zhu et al., AnatomyNet, Medical Physics 2019.

    Args:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map to be taken as classes.
        sigmoid: Whether the Dice part takes a sigmoid of the scores.
        softmax: Whether the Dice part takes a softmax of the scores.
        squared_pred: As in DiceLoss.
        jaccard: As in DiceLoss.
        reduction: `mean`, `sum` or `none`, as in both; not reduced, the Dice of a class is added to its voxels.
        smooth_nr: As in DiceLoss.
        smooth_dr: As in DiceLoss.
        batch: As in DiceLoss.
        gamma: As in FocalLoss.
        weight: A factor for each class that counts, in both parts.
        lambda_dice: Weight of the Dice part, >= 0.
        lambda_focal: Weight of the focal part, >= 0.
        alpha: As in FocalLoss.

    Shape:
        input [B, K, *S] scores, target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or [B, K, *S] if not
        reduced.

    Raises:
        ValueError: A negative lambda, or what DiceLoss and FocalLoss refuse.
    """

    def __init__(
        self,
        *,
        include_background: bool = True,
        to_onehot_y: bool = False,
        sigmoid: bool = False,
        softmax: bool = False,
        squared_pred: bool = False,
        jaccard: bool = False,
        reduction: str = "mean",
        smooth_nr: float = 1e-5,
        smooth_dr: float = 1e-5,
        batch: bool = False,
        gamma: float = 2.0,
        weight: Sequence[float] | float | None = None,
        lambda_dice: float = 1.0,
        lambda_focal: float = 1.0,
        alpha: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if min(lambda_dice, lambda_focal) < 0:
            raise ValueError(f"lambda_dice and lambda_focal must be >= 0, got {lambda_dice} and {lambda_focal}")
        shared: dict[str, Any] = {
            "include_background": include_background,
            "to_onehot_y": to_onehot_y,
            "reduction": reduction,
            "weight": weight,
        }
        self.dice = DiceLoss(
            sigmoid=sigmoid,
            softmax=softmax,
            squared_pred=squared_pred,
            jaccard=jaccard,
            smooth_nr=smooth_nr,
            smooth_dr=smooth_dr,
            batch=batch,
            **shared,
        )
        self.focal = FocalLoss(gamma=gamma, alpha=alpha, **shared)
        self.lambda_dice, self.lambda_focal = lambda_dice, lambda_focal

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The weighted sum of both parts."""
        dice, focal = self.focal.beside(self.dice, input, target)
        if self.focal.reduction == "none":
            dice = dice.view(*dice.shape, *[1] * (input.ndim - 2))
        return self.lambda_dice * dice + self.lambda_focal * focal
