"""Dice loss + cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor, nn

from bundlert.losses.class_sums import ClassSums, class_sums
from bundlert.losses.classes import class_weight, fitted_weight
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
        weight: A factor for each class in the cross-entropy; of its hits alone, where classes are independent.
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
        weight: Sequence[float] | float | None = None,
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
        self.classes, self.weight = self.dice.classes, class_weight(weight)
        self.lambda_dice, self.lambda_ce = lambda_dice, lambda_ce
        self.terms = replace(self.dice.terms, gamma=0, apart=weight is not None)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The weighted sum of both parts."""
        if self.classes.softmax or self.classes.sigmoid:  # both parts from one way through the voxels
            sums = class_sums(input, target, self.classes, self.terms)
            return self.lambda_dice * self.dice.of_sums(sums) + self.lambda_ce * self._cross_entropy(sums)
        exclusive = replace(self.classes, softmax=True)  # Dice takes the scores as they are
        sums = class_sums(input, target, exclusive, replace(self.terms, overlap=False))
        dice: Tensor = self.dice(input, target)
        return self.lambda_dice * dice + self.lambda_ce * self._cross_entropy(sums)

    def _cross_entropy(self, sums: ClassSums) -> Tensor:
        """The mean over voxels, each weighted by its class; over voxels and classes where these are independent."""
        factor = 1 if self.weight is None else fitted_weight(self.weight, sums.present)
        if self.classes.sigmoid:
            return (factor * sums.present + sums.absent).mean() / sums.voxels
        return (factor * sums.present).sum() / (factor * sums.truth).sum()
