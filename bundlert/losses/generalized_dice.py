"""1 - generalised Dice overlap: one overlap for all classes, small ones weighing more."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bundlert.losses.class_blocks import Terms
from bundlert.losses.class_sums import ClassSums, class_sums
from bundlert.losses.classes import Classes, check_reduction, reduced

_POWERS = {"square": 2, "simple": 1, "uniform": 0}


class GeneralizedDiceLoss(nn.Module):
    """1 - (2 sum_k w_k sum(p g) + smooth_nr) / (sum_k w_k (sum(p) + sum(g)) + smooth_dr), for each item.

    w_k is 1 / sum(g)^2, or as w_type says. A class that an item lacks weighs as much as the heaviest that it has; where
    it has none of those that count, all weigh 1, so that false alarms still cost.

    Source: Sudre et al., Generalised Dice overlap, DLMIA 2017, eq. 1; Crum et al., IEEE TMI 2006.

    Args:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map to be taken as classes.
        sigmoid: Whether scores become probabilities by a sigmoid.
        softmax: Whether scores become probabilities by a softmax.
        w_type: `square` for 1 / sum(g)^2, `simple` for 1 / sum(g), `uniform` for 1.
        reduction: `mean`, `sum` or `none` over items.
        smooth_nr: Added to the numerator.
        smooth_dr: Added to the denominator.
        batch: Whether sums go over all items of the batch together.

    Shape:
        input [B, K, *S], target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or, if not reduced, [B], [1]
        with batch.

    Raises:
        ValueError: An unknown w_type, or what DiceLoss refuses.
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
    ) -> None:
        super().__init__()
        if w_type not in _POWERS:
            raise ValueError(f"w_type must be one of {', '.join(_POWERS)}, got '{w_type}'")
        self.classes = Classes(include_background, to_onehot_y, sigmoid, softmax)
        self.w_type, self.reduction, self.batch = w_type, check_reduction(reduction), batch
        self.smooth_nr, self.smooth_dr = smooth_nr, smooth_dr
        self.terms = Terms()

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of scores against a target."""
        return self.of_sums(class_sums(input, target, self.classes, self.terms))

    def of_sums(self, sums: ClassSums) -> Tensor:
        """The loss of sums over all classes, made by someone else for several losses at once."""
        sums = sums.counted(self.classes)
        overlap, total, truth = sums.overlap, sums.predicted + sums.truth, sums.truth
        if self.batch:
            overlap, total, truth = (values.sum(0, keepdim=True) for values in (overlap, total, truth))
        weight = self._weights(truth)
        overlap, total = (weight * overlap).sum(1), (weight * total).sum(1)
        return reduced(1 - (2 * overlap + self.smooth_nr) / (total + self.smooth_dr), self.reduction)

    def _weights(self, truth: Tensor) -> Tensor:
        """The factors of the classes of each item, [B, K]; they fall as a class grows."""
        there = truth > 0
        weight = torch.where(there, truth, 1.0).pow(-_POWERS[self.w_type])
        heaviest = torch.where(there, weight, 0.0).amax(1, keepdim=True)
        return torch.where(there, weight, torch.where(heaviest > 0, heaviest, 1.0))
