"""Dice overlap of label maps."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class MeanDice:
    """2 |A and B| / (|A| + |B|): mean over the classes of a case, then over cases.

    A class that neither the prediction nor the target has is left out (nothing was to be found, and nothing was); a
    class that only one of them has counts 0. A case with no class left is NaN and left out of the mean. Source: Dice,
    Ecology 1945.

    Args:
        include_background: Whether class 0 counts. It usually raises the figure.
        num_classes: Classes with the background; what the scores or labels show, if None.
    """

    def __init__(self, *, include_background: bool = False, num_classes: int | None = None) -> None:
        self.include_background, self.num_classes = include_background, num_classes
        self.cases: dict[str, float] = {}

    def reset(self) -> None:
        """Forget all cases."""
        self.cases = {}

    def update(self, prediction: Tensor, target: Tensor, name: str | None = None) -> float:
        """Take in one case and give its value.

        Args:
            prediction: [1, *S] labels, or [K, *S] scores of which the highest wins.
            target: [1, *S] labels.
            name: What to call the case; its number if None. A second case of one name gets its number behind it.

        Raises:
            ValueError: The shapes don't agree, or a label is beyond `num_classes`.
        """
        labels = prediction.argmax(dim=0) if prediction.shape[0] > 1 else prediction[0]
        if target.shape[0] != 1 or target.shape[1:] != labels.shape:
            shapes = f"{tuple(prediction.shape)} and {tuple(target.shape)}"
            raise ValueError(f"prediction [K, *S] and target [1, *S] must agree, got {shapes}")
        highest = int(max(labels.max(), target.max()))
        classes = self.num_classes or max(prediction.shape[0], highest + 1, 2)
        if highest >= classes:
            raise ValueError(f"labels must be below num_classes, {classes}, got {highest}")
        found = _overlaps(labels.flatten().long(), target.flatten().long().to(labels.device), classes)
        found = found if self.include_background else found[1:]
        value = float(found.nanmean())
        number = len(self.cases) + 1
        name = f"case {number}" if name is None else name
        self.cases[name if name not in self.cases else f"{name} ({number})"] = value
        return value

    def compute(self) -> float:
        """The mean over all cases that have a value.

        Raises:
            ValueError: No case was taken in.
        """
        if not self.cases:
            raise ValueError("the mean Dice needs at least one case, got none")
        known = [value for value in self.cases.values() if not math.isnan(value)]
        return sum(known) / len(known) if known else math.nan


def _overlaps(labels: Tensor, target: Tensor, classes: int) -> Tensor:
    """Dice of each class, [K]; NaN where both are empty."""
    together = torch.bincount(target * classes + labels, minlength=classes * classes).view(classes, classes).double()
    return 2 * together.diagonal() / (together.sum(0) + together.sum(1))
