"""Figures of how scores rank the right items above the wrong ones, whatever the threshold."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bundlert.metrics.base import CaseMetric, mean_of_known
from bundlert.metrics.case import Case

AVERAGES = ("macro", "micro", "weighted", "none")


def roc_auc(scores: NDArray[np.generic], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the share of pairs of a positive and a negative in which the positive scores higher.

    A tie counts half. Pairs are counted by rank, in n log n. Source: Hanley and McNeil, Radiology 1982.

    Args:
        scores: Of each item, in no order.
        positive: Whether the item is.

    Shape:
        scores (N,), positive (N,)

    Returns:
        From 0 to 1; NaN where all items are of one kind.
    """
    ones, zeros = np.sort(scores[positive]), np.sort(scores[~positive])
    if not len(ones) or not len(zeros):
        return math.nan
    few, many = (ones, zeros) if len(ones) <= len(zeros) else (zeros, ones)
    below = int(np.searchsorted(many, few, "left").sum()) + int(np.searchsorted(many, few, "right").sum())
    share = below / (2 * len(few) * len(many))  # of pairs in which the one of the few is higher
    return share if few is ones else 1 - share


def average_precision(scores: NDArray[np.generic], positive: NDArray[np.bool_]) -> float:
    """Precision at each threshold, weighted by the recall that is won there: the sum of (R_n - R_(n-1)) P_n.

    The thresholds are the different scores, from the highest; nothing is interpolated. Source: Zhu, University of
    Waterloo 2004.

    Args:
        scores: Of each item, in no order.
        positive: Whether the item is.

    Shape:
        scores (N,), positive (N,)

    Returns:
        From 0 to 1; NaN where no item is positive.
    """
    if not positive.any():
        return math.nan
    order = np.argsort(scores, kind="stable")[::-1]
    ranked = scores[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)  # of each threshold's items
    hits = np.cumsum(positive[order])[last]
    won = np.diff(hits, prepend=0)
    return math.fsum(won * hits / (last + 1)) / int(hits[-1])


class RankingMetric(CaseMetric):
    """A figure of scores against what is positive, over all items of all cases: one a class, then averaged.

    What each case contributes are its scores and which of them are positive, [2K, N].

    Args:
        average: `macro`, `micro`, `weighted` or `none`.

    Raises:
        ValueError: The average has another name.
    """

    def __init__(self, average: str = "macro") -> None:
        super().__init__()
        if average not in AVERAGES:
            raise ValueError(f"average must be one of {', '.join(AVERAGES)}, got '{average}'")
        self.average = average

    @abstractmethod
    def figure(self, scores: NDArray[np.generic], positive: NDArray[np.bool_]) -> float:
        """The figure of items, NaN where they have none."""

    def measure(self, case: Case) -> Tensor:
        """The scores of a case above the marks of what is positive, [2K, N].

        Raises:
            ValueError: The shapes don't agree, there is no score or one is NaN, the target has something else than
                labels or marks, or an earlier case had another number of classes.
        """
        scores, marks = _scores_and_marks(case.prediction, case.target)
        known = next((len(part) // 2 for part in self.parts.values()), len(scores))
        if len(scores) != known:
            raise ValueError(f"all cases must have one number of classes, got {len(scores)} after {known}")
        return torch.cat([scores, marks.to(scores.dtype)])

    def value_of(self, part: Tensor) -> float:
        """The figure of one case alone, `macro` where the average is `none`."""
        return self._averaged([part])

    def compute(self) -> float | list[float]:  # type: ignore[override]
        """The figure of all items of all cases; one for each class if the average is `none`.

        Raises:
            ValueError: No case was taken in.
        """
        each = self.average == "none" and self.parts
        return list(self.by_class().values()) if each else super().compute()

    def total(self) -> float:
        """The average of the classes' figures, `macro` where the average is `none`."""
        return self._averaged(list(self.parts.values()))

    def by_class(self) -> dict[int, float]:
        """The figure of each class, of all cases together."""
        return dict(enumerate(self._figures(*_apart(list(self.parts.values()))) if self.parts else []))

    def _averaged(self, parts: list[Tensor]) -> float:
        scores, marks = _apart(parts)
        if self.average == "micro":
            return self.figure(scores.ravel(), marks.ravel())
        values = self._figures(scores, marks)
        if self.average in ("macro", "none"):
            return mean_of_known(values)
        known = [(value, int(row.sum())) for value, row in zip(values, marks, strict=True) if not math.isnan(value)]
        weight = sum(share for _, share in known)
        return math.fsum(value * share for value, share in known) / weight if weight else math.nan

    def _figures(self, scores: NDArray[np.generic], marks: NDArray[np.bool_]) -> list[float]:
        return [self.figure(*one) for one in zip(scores, marks, strict=True)]


def _apart(parts: list[Tensor]) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """Scores and marks of several cases, [K, N] each."""
    together = torch.cat(parts, dim=1).numpy()
    classes = len(together) // 2
    return together[:classes], together[classes:] > 0


def _scores_and_marks(scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Scores as floats, and whether each class is the right one, both [K, N]."""
    agree = scores.ndim == target.ndim > 0 and scores.shape[1:] == target.shape[1:]
    if not agree or target.shape[0] not in (1, scores.shape[0]) or not scores.numel():
        shapes = f"{tuple(scores.shape)} and {tuple(target.shape)}"
        raise ValueError(f"scores [K, *S] and target [1, *S] or [K, *S] must agree, got {shapes}")
    classes = len(scores)
    scores, target = scores.detach().reshape(classes, -1).cpu(), target.reshape(len(target), -1).cpu()
    if scores.isnan().any():
        raise ValueError(f"scores must be numbers, got {int(scores.isnan().sum())} that are NaN")
    marks = target if len(target) == classes else target == torch.arange(classes)[:, None]
    right = (marks == 0) | (marks == 1) if len(target) == classes else marks.any(dim=0)
    if not right.all():
        rule = "0 or 1" if len(target) == classes else f"labels below {classes}, the number of scores"
        strange = sorted(set(target[~right.expand_as(target)].tolist()))[:5]
        raise ValueError(f"target must hold {rule}, got {strange}")
    return _exact(scores), marks > 0


def _exact(scores: Tensor) -> Tensor:
    """Floats that keep all differences between the scores, and that numpy knows."""
    if not scores.is_floating_point():
        return scores.double()
    return scores.float() if scores.dtype in (torch.float16, torch.bfloat16) else scores
