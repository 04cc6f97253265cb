"""Metrics of each class, averaged over the classes of a case, then over cases."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from bundlert.metrics.base import CaseMetric, mean_of_known
from bundlert.metrics.case import Case


class ClassMetric(CaseMetric):
    """A value for each class of a case; NaN for a class that has none, which leaves it out of the means.

    Args:
        include_background: Whether class 0 counts.
        num_classes: Classes with the background; what the scores or labels show, if None.
    """

    def __init__(self, *, include_background: bool, num_classes: int | None) -> None:
        super().__init__()
        self.include_background, self.num_classes = include_background, num_classes

    @abstractmethod
    def class_values(self, case: Case, kinds: range) -> Tensor:
        """The value of each of some classes, [len(kinds)]."""

    def measure(self, case: Case) -> Tensor:
        """The value of each class that counts.

        Raises:
            ValueError: The shapes don't agree, or a label is beyond `num_classes`.
        """
        classes = case.labels.classes(self.num_classes)
        return self.class_values(case, range(0 if self.include_background else 1, classes))

    def by_class(self) -> dict[int, float]:
        """The mean of each class that counts over the cases that have a value of it."""
        most, first = max((len(part) for part in self.parts.values()), default=0), 0 if self.include_background else 1
        return {first + row: mean_of_known(_at(part, row) for part in self.parts.values()) for row in range(most)}


def as_values(values: list[float]) -> Tensor:
    """What `class_values` gives, from plain numbers."""
    return torch.tensor(values, dtype=torch.double)


def _at(part: Tensor, row: int) -> float:
    return float(part[row]) if row < len(part) else math.nan
