"""1 - Tversky index: false alarms and misses counted apart."""

from __future__ import annotations

from torch import Tensor, nn

from bundlert.losses.class_blocks import Terms
from bundlert.losses.class_sums import class_sums
from bundlert.losses.classes import Classes, check_reduction, reduced


class TverskyLoss(nn.Module):
    """1 - (TP + smooth_nr) / (TP + alpha FP + beta FN + smooth_dr), for each class.

    TP = sum(p g), FP = sum(p (1 - g)), FN = sum((1 - p) g). With alpha = beta = 0.5 it is the Dice loss.

    Source: Salehi et al., Tversky loss function for image segmentation, MLMI 2017, eq. 3.

    Args:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map to be taken as classes.
        sigmoid: Whether scores become probabilities by a sigmoid.
        softmax: Whether scores become probabilities by a softmax.
        alpha: What false alarms count, >= 0.
        beta: What misses count, >= 0.
        reduction: `mean`, `sum` or `none` over items and classes.
        smooth_nr: Added to the numerator.
        smooth_dr: Added to the denominator.
        batch: Whether sums go over all items of the batch together.

    Shape:
        input [B, K, *S], target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or, if not reduced, [B, K],
        [K] with batch.

    Raises:
        ValueError: A negative alpha or beta, or what DiceLoss refuses.
    """

    def __init__(
        self,
        *,
        include_background: bool = True,
        to_onehot_y: bool = False,
        sigmoid: bool = False,
        softmax: bool = False,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str = "mean",
        smooth_nr: float = 1e-5,
        smooth_dr: float = 1e-5,
        batch: bool = False,
    ) -> None:
        super().__init__()
        if min(alpha, beta) < 0:
            raise ValueError(f"alpha and beta must be >= 0, got {alpha} and {beta}")
        self.classes = Classes(include_background, to_onehot_y, sigmoid, softmax)
        self.alpha, self.beta, self.reduction, self.batch = alpha, beta, check_reduction(reduction), batch
        self.smooth_nr, self.smooth_dr = smooth_nr, smooth_dr

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of scores against a target."""
        sums = class_sums(input, target, self.classes, Terms()).counted(self.classes)
        hits, predicted, truth = sums.overlap, sums.predicted, sums.truth
        if self.batch:
            hits, predicted, truth = hits.sum(0), predicted.sum(0), truth.sum(0)
        wrong = self.alpha * (predicted - hits) + self.beta * (truth - hits)
        return reduced(1 - (hits + self.smooth_nr) / (hits + wrong + self.smooth_dr), self.reduction)
