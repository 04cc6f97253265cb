"""Focal loss: cross-entropy in which sure hits hardly count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from bundlert.losses.class_blocks import Terms
from bundlert.losses.class_sums import ClassSums, class_sums
from bundlert.losses.classes import Classes, as_classes, check_reduction, class_weight, fitted_weight, reduced


class OfSums(Protocol):
    """A loss that is made of sums over classes."""

    classes: Classes
    terms: Terms

    def __call__(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of scores against a target."""

    def of_sums(self, sums: ClassSums) -> Tensor:
        """The loss of sums over all classes."""


class FocalLoss(nn.Module):
    """-alpha g (1 - p)^gamma log p - (1 - alpha) (1 - g) p^gamma log(1 - p), for each voxel and class.

    With use_softmax p is that of classes which exclude each other, and only the first term counts. gamma = 0 is
    cross-entropy.

    Source: Lin et al., Focal loss for dense object detection, ICCV 2017, eq. 5.

    Args:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map to be taken as classes.
        gamma: The focal exponent, >= 0.
        alpha: What hits count, 0 to 1, false alarms then counting 1 - alpha; None for 1 and 1. With use_softmax, what
            classes count, 1 - alpha for the background where that counts. One number a class: what each counts, false
            alarms counting 1.
        weight: A factor for each class that counts.
        reduction: `mean` over items, classes and voxels, `sum` over items and classes of means over voxels, or `none`.
        use_softmax: Whether classes exclude each other, by a softmax; else each is a sigmoid of its own.

    Shape:
        input [B, K, *S] scores, target [B, K, *S] or, with to_onehot_y, [B, 1, *S] -> a number, or [B, K, *S] if not
        reduced.

    Raises:
        ValueError: gamma below 0, alpha outside 0 to 1, an unknown reduction, shapes that don't agree, labels that are
            no class.
    """

    def __init__(
        self,
        *,
        include_background: bool = True,
        to_onehot_y: bool = False,
        gamma: float = 2.0,
        alpha: float | Sequence[float] | None = None,
        weight: Sequence[float] | float | None = None,
        reduction: str = "mean",
        use_softmax: bool = False,
    ) -> None:
        super().__init__()
        if gamma < 0:
            raise ValueError(f"gamma must be >= 0, got {gamma}")
        self.classes = Classes(include_background, to_onehot_y, sigmoid=not use_softmax, softmax=use_softmax)
        self.gamma, self.reduction = float(gamma), check_reduction(reduction)
        self.alpha, self.weight = class_weight(alpha), class_weight(weight)
        if self.alpha is not None and (self.alpha > 1).any():
            raise ValueError(f"alpha must be 0 to 1, got {alpha}")

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The loss of scores against a target."""
        if self.reduction == "none":
            return self._map(input, target)
        return self.of_sums(class_sums(input, target, self.classes, Terms(overlap=False, gamma=self.gamma)))

    def of_sums(self, sums: ClassSums) -> Tensor:
        """The loss of sums over all classes, made by someone else for several losses at once."""
        sums = sums.counted(self.classes)
        hits, alarms = self._factors(sums.present)
        return reduced((hits * sums.present + alarms * sums.absent) / sums.voxels, self.reduction)

    def beside(self, dice: OfSums, scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """A Dice loss and this one, reduced alike: by one way through the voxels where both take a sigmoid."""
        if dice.classes.sigmoid and self.reduction != "none":
            sums = class_sums(scores, target, dice.classes, replace(dice.terms, gamma=self.gamma))
            return dice.of_sums(sums), self.of_sums(sums)
        return dice(scores, target), self(scores, target)

    def _map(self, scores: Tensor, target: Tensor) -> Tensor:
        """The loss of each voxel and class."""
        self.classes.check(scores, target)
        z = scores.float() if scores.dtype != torch.float64 else scores
        g = (as_classes(target, z.shape[1]) if self.classes.to_onehot_y else target).to(z)
        p = z.softmax(1) if self.classes.softmax else z.sigmoid()
        present = -g * (1 - p) ** self.gamma * (z.log_softmax(1) if self.classes.softmax else logsigmoid(z))
        absent = torch.zeros_like(g) if self.classes.softmax else -(1 - g) * p**self.gamma * logsigmoid(-z)
        present, absent = (self.classes.counted(values).movedim(1, -1) for values in (present, absent))
        hits, alarms = self._factors(present)
        return (hits * present + alarms * absent).movedim(-1, 1)

    def _factors(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """What hits and false alarms of each class count; classes are the last axis of values."""
        hits = alarms = values.new_ones(values.shape[-1])
        if self.alpha is not None and self.alpha.ndim:
            hits = fitted_weight(self.alpha, values)
        elif self.alpha is not None and not self.classes.softmax:
            hits, alarms = hits * self.alpha.item(), alarms * (1 - self.alpha.item())
        elif self.alpha is not None and self.classes.include_background:
            hits = hits * self.alpha.item()
            hits[0] = 1 - self.alpha.item()
        if self.weight is None:
            return hits, alarms
        weight = fitted_weight(self.weight, values)
        return hits * weight, alarms * weight
