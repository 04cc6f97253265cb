"""Dice loss + cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from bundlert.losses.dice import DiceLoss


class DiceCELoss(nn.Module):
    """lambda_dice * DiceLoss + lambda_ce * cross-entropy.

    Source: Isensee et al., nnU-Net, Nature Methods 2021.

    Args:
        include_background: Whether class 0 counts in the Dice part.
        to_onehot_y: Whether the target is a label map.
        sigmoid: Whether classes are independent (binary cross-entropy).
        softmax: Whether classes exclude each other.
        squared_pred: As in DiceLoss.
        jaccard: As in DiceLoss.
        smooth_nr: As in DiceLoss.
        smooth_dr: As in DiceLoss.
        batch: As in DiceLoss.
        weight: A factor for each class in the cross-entropy.
        lambda_dice: Weight of the Dice part, >= 0.
        lambda_ce: Weight of the cross-entropy, >= 0.

    Shape:
        input [B, K, *S] scores, target [B, 1, *S] labels (or [B, K, *S]) -> a number.

    Raises:
        ValueError: A negative weight, or what DiceLoss refuses.
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
        smooth_nr: float = 1e-5,
        smooth_dr: float = 1e-5,
        batch: bool = False,
        weight: Sequence[float] | None = None,
        lambda_dice: float = 1.0,
        lambda_ce: float = 1.0,
    ) -> None:
        super().__init__()
        if min(lambda_dice, lambda_ce) < 0:
            raise ValueError(f"lambda_dice and lambda_ce must be >= 0, got {lambda_dice} and {lambda_ce}")
        self.dice = DiceLoss(
            include_background=include_background,
            to_onehot_y=to_onehot_y,
            sigmoid=sigmoid,
            softmax=softmax,
            squared_pred=squared_pred,
            jaccard=jaccard,
            smooth_nr=smooth_nr,
            smooth_dr=smooth_dr,
            batch=batch,
        )
        self.sigmoid, self.lambda_dice, self.lambda_ce = sigmoid, lambda_dice, lambda_ce
        self.weight = None if weight is None else torch.as_tensor(weight, dtype=torch.float32)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The weighted sum of both parts."""
        dice: Tensor = self.dice(input, target)
        return self.lambda_dice * dice + self.lambda_ce * self._cross_entropy(input, target)

    def _cross_entropy(self, scores: Tensor, target: Tensor) -> Tensor:
        weight = None if self.weight is None else self.weight.to(scores)
        if self.sigmoid:
            if weight is not None:
                weight = weight.view(-1, *[1] * (scores.ndim - 2))  # torch would take it for the last spatial axis
            return functional.binary_cross_entropy_with_logits(scores, target.to(scores), pos_weight=weight)
        labels = target.squeeze(1).long() if target.shape[1] == 1 else target.argmax(dim=1)
        return functional.cross_entropy(scores, labels, weight=weight)
