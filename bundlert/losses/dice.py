"""1 - soft Dice overlap."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from bundlert.losses.class_blocks import Terms
from bundlert.losses.class_sums import ClassSums, class_sums
from bundlert.losses.classes import Classes, check_reduction, class_weight, fitted_weight, reduced


class DiceLoss(nn.Module):
    """1 - (2 sum(p g) + smooth_nr) / (sum(p) + sum(g) + smooth_dr), for each class.

    Source: Milletari et al., V-Net, 3DV 2016.

    Args:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map to be taken as classes.
        sigmoid: Whether scores become probabilities by a sigmoid.
        softmax: Whether scores become probabilities by a softmax.
        squared_pred: Whether the denominator has squares: sum(p^2) + sum(g^2).
        jaccard: Whether to take the Jaccard index (intersection over union) instead.
        reduction: `mean`, `sum` or `none` over items and classes.
        smooth_nr: Added to the numerator.
        smooth_dr: Added to the denominator.
        batch: Whether sums go over all items of the batch together.
        weight: A factor for each class that counts.

    Shape:
        input [B, K, *S], target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or, if not reduced, [B, K],
        [K] with batch.

    Raises:
        ValueError: Both sigmoid and softmax, an unknown reduction, shapes that don't agree, labels that are no class.
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
        weight: Sequence[float] | float | None = None,
    ) -> None:
        super().__init__()
        self.classes = Classes(include_background, to_onehot_y, sigmoid, softmax)
        self.squared_pred, self.jaccard, self.reduction = squared_pred, jaccard, check_reduction(reduction)
        self.smooth_nr, self.smooth_dr, self.batch = smooth_nr, smooth_dr, batch
        self.weight = class_weight(weight)
        self.terms = Terms(squared=squared_pred)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of scores against a target."""
        return self.of_sums(class_sums(input, target, self.classes, self.terms))

    def of_sums(self, sums: ClassSums) -> Tensor:
        """The loss of sums over all classes, made by someone else for several losses at once."""
        sums = sums.counted(self.classes)
        overlap, total = sums.overlap, sums.predicted + sums.truth
        if self.batch:
            overlap, total = overlap.sum(0), total.sum(0)
        if self.jaccard:
            total = 2 * (total - overlap)
        loss = 1 - (2 * overlap + self.smooth_nr) / (total + self.smooth_dr)
        return reduced(loss if self.weight is None else loss * fitted_weight(self.weight, loss), self.reduction)
