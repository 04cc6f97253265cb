"""1 - soft Dice overlap."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_REDUCTIONS = ("mean", "sum", "none")


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
        input [B, K, *S], target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or [B, K] if not reduced.

    Raises:
        ValueError: Both sigmoid and softmax, an unknown reduction, shapes that don't agree.
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
        weight: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if sigmoid and softmax:
            raise ValueError("sigmoid and softmax exclude each other, got both")
        if reduction not in _REDUCTIONS:
            raise ValueError(f"reduction must be one of {', '.join(_REDUCTIONS)}, got '{reduction}'")
        self.include_background, self.to_onehot_y = include_background, to_onehot_y
        self.sigmoid, self.softmax = sigmoid, softmax
        self.squared_pred, self.jaccard, self.reduction = squared_pred, jaccard, reduction
        self.smooth_nr, self.smooth_dr, self.batch = smooth_nr, smooth_dr, batch
        self.weight = None if weight is None else torch.as_tensor(weight, dtype=torch.float32)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of scores against a target."""
        return self.of_probabilities(self._probabilities(input), target)

    def of_probabilities(self, probabilities: Tensor, target: Tensor) -> Tensor:
        """The loss of what are probabilities already."""
        truth = as_classes(target, probabilities.shape[1]) if self.to_onehot_y else target
        if truth.shape != probabilities.shape:
            shapes = f"{tuple(probabilities.shape)} and {tuple(truth.shape)}"
            raise ValueError(f"input and target must have one shape [B, K, *S], got {shapes}")
        if not self.include_background:
            probabilities, truth = probabilities[:, 1:], truth[:, 1:]
        truth = truth.to(probabilities.dtype)
        axes = [axis for axis in range(probabilities.ndim) if axis > 1 or (axis == 0 and self.batch)]
        overlap = (probabilities * truth).sum(axes)
        if self.squared_pred:
            total = probabilities.square().sum(axes) + truth.square().sum(axes)
        else:
            total = probabilities.sum(axes) + truth.sum(axes)
        if self.jaccard:
            total = 2 * (total - overlap)
        loss = 1 - (2 * overlap + self.smooth_nr) / (total + self.smooth_dr)
        return self._reduced(loss if self.weight is None else loss * self.weight.to(loss))

    def _probabilities(self, scores: Tensor) -> Tensor:
        if self.softmax:
            return scores.softmax(dim=1)
        return scores.sigmoid() if self.sigmoid else scores

    def _reduced(self, loss: Tensor) -> Tensor:
        if self.reduction == "none":
            return loss
        return loss.mean() if self.reduction == "mean" else loss.sum()


def as_classes(labels: Tensor, classes: int) -> Tensor:
    """A label map [B, 1, *S] as one channel a class, [B, K, *S].

    Raises:
        ValueError: More than one channel.
    """
    if labels.shape[1] != 1:
        raise ValueError(f"a label map must be [B, 1, *S], got {tuple(labels.shape)}")
    known = torch.arange(classes, device=labels.device, dtype=labels.dtype)
    return labels == known.view(1, classes, *[1] * (labels.ndim - 2))
