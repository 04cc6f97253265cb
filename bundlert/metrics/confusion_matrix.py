"""Figures of the confusion matrix: sensitivity, specificity, precision, F1 and their kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from bundlert.metrics.base import CaseMetric, mean_of_known
from bundlert.metrics.case import Case


class Counts(NamedTuple):
    """Voxels or items of each class against all others, [K] each.

    Attributes:
        tp: True positives.
        fp: False positives.
        fn: False negatives.
        tn: True negatives.
    """

    tp: Tensor
    fp: Tensor
    fn: Tensor
    tn: Tensor

    @property
    def sensitivity(self) -> Tensor:
        """Share of the positive that is found."""
        return self.tp / (self.tp + self.fn)

    @property
    def specificity(self) -> Tensor:
        """Share of the negative that is left alone."""
        return self.tn / (self.tn + self.fp)

    @property
    def precision(self) -> Tensor:
        """Share of what is found that is positive."""
        return self.tp / (self.tp + self.fp)

    @property
    def negative_precision(self) -> Tensor:
        """Share of what is left alone that is negative."""
        return self.tn / (self.tn + self.fn)


def _prevalence_threshold(counts: Counts) -> Tensor:
    hit, alarm = counts.sensitivity.sqrt(), (1 - counts.specificity).sqrt()
    return alarm / (hit + alarm)  # (sqrt(TPR * FPR) - FPR) / (TPR - FPR), with a value where both are equal


def _matthews(counts: Counts) -> Tensor:
    tp, fp, fn, tn = counts
    return (tp * tn - fp * fn) / ((tp + fp).sqrt() * (tp + fn).sqrt() * (tn + fp).sqrt() * (tn + fn).sqrt())


# Name -> other names, and the formula.
_FIGURES: dict[str, tuple[tuple[str, ...], Callable[[Counts], Tensor]]] = {
    "sensitivity": (("recall", "hit rate", "true positive rate", "tpr"), lambda c: c.sensitivity),
    "specificity": (("selectivity", "true negative rate", "tnr"), lambda c: c.specificity),
    "precision": (("positive predictive value", "ppv"), lambda c: c.precision),
    "negative predictive value": (("npv",), lambda c: c.negative_precision),
    "miss rate": (("false negative rate", "fnr"), lambda c: 1 - c.sensitivity),
    "fall out": (("false positive rate", "fpr"), lambda c: 1 - c.specificity),
    "false discovery rate": (("fdr",), lambda c: 1 - c.precision),
    "false omission rate": (("for",), lambda c: 1 - c.negative_precision),
    "prevalence threshold": (("pt",), _prevalence_threshold),
    "threat score": (("critical success index", "ts", "csi"), lambda c: c.tp / (c.tp + c.fp + c.fn)),
    "accuracy": (("acc",), lambda c: (c.tp + c.tn) / (c.tp + c.fp + c.fn + c.tn)),
    "balanced accuracy": (("ba",), lambda c: (c.sensitivity + c.specificity) / 2),
    "f1 score": (("f1",), lambda c: 2 * c.tp / (2 * c.tp + c.fp + c.fn)),
    "matthews correlation coefficient": (("mcc",), _matthews),
    "fowlkes mallows index": (("fm",), lambda c: (c.precision * c.sensitivity).sqrt()),
    "informedness": (
        ("bookmaker informedness", "youden index", "youden j index", "bm"),
        lambda c: c.sensitivity + c.specificity - 1,
    ),
    "markedness": (("deltap", "mk"), lambda c: c.precision + c.negative_precision - 1),
}
_LOWER_IS_BETTER = {"miss rate", "fall out", "false discovery rate", "false omission rate", "prevalence threshold"}


def figure_name(metric_name: str) -> str:
    """The chief name of a figure: `sensitivity` for `hit_rate`, `Recall` or `TPR`.

    Raises:
        ValueError: There is no such figure.
    """
    plain = metric_name.lower().replace("_", " ").replace("-", " ").strip()
    for name, (others, _) in _FIGURES.items():
        if plain in (name, *others):
            return name
    raise ValueError(f"metric_name must be one of {', '.join(_FIGURES)}, got '{metric_name}'")


def confusion_figure(metric_name: str, counts: Tensor) -> Tensor:
    """A figure of the confusion matrix, each class against all others; NaN where it is 0 / 0.

    Args:
        metric_name: Any name of the figure.
        counts: True positives, false positives, false negatives, true negatives of each class, in voxels or items.

    Shape:
        counts (K, 4) -> (K,)

    Raises:
        ValueError: There is no such figure.
    """
    formula = _FIGURES[figure_name(metric_name)][1]
    return formula(Counts(*counts.double().unbind(dim=-1)))


class ConfusionMatrix(CaseMetric):
    """A figure of the confusion matrix, each class against all others: mean over the classes.

    The counts of all cases are added up first, then the figure of each class is computed. With `compute_sample`, it is
    computed for each case and averaged over cases. Where a figure is 0 / 0 (the sensitivity of a class that the target
    doesn't have, the precision of one that the prediction doesn't have), the class is NaN and left out of the mean. A
    class that only one side has counts by its formula: sensitivity 0 if only the target has it, precision 0 if only the
    prediction has it. Source: Fawcett, Pattern Recognition Letters 2006.

    The prediction is [1, *S] labels or [K, *S] scores of which the highest wins, the target [1, *S] labels; or both
    are [K, *S] masks of 0 and 1, one a class, which may overlap. One item to be classified is a case without spatial
    axes.

    Args:
        metric_name: `sensitivity` (`recall`, `hit_rate`, `tpr`), `specificity` (`tnr`), `precision` (`ppv`),
            `negative predictive value` (`npv`), `miss rate` (`fnr`), `fall out` (`fpr`), `false discovery rate`
            (`fdr`), `false omission rate` (`for`), `prevalence threshold` (`pt`), `threat score` (`csi`), `accuracy`
            (`acc`), `balanced accuracy` (`ba`), `f1 score` (`f1`), `matthews correlation coefficient` (`mcc`),
            `fowlkes mallows index` (`fm`), `informedness` (`bm`) or `markedness` (`mk`).
        include_background: Whether class 0 counts.
        compute_sample: A figure for each case, then their mean.
        num_classes: Classes with the background; what the scores or labels show, if None.

    Raises:
        ValueError: There is no such figure.
    """

    def __init__(
        self,
        metric_name: str = "hit_rate",
        *,
        include_background: bool = True,
        compute_sample: bool = False,
        num_classes: int | None = None,
    ) -> None:
        super().__init__()
        self.metric_name, self.compute_sample = figure_name(metric_name), compute_sample
        self.name = self.metric_name.replace(" ", "_")
        self.include_background, self.num_classes = include_background, num_classes
        self.higher_is_better = self.metric_name not in _LOWER_IS_BETTER  # type: ignore[misc]

    def measure(self, case: Case) -> Tensor:
        """The counts of each class, [K, 4].

        Raises:
            ValueError: The shapes don't agree, or a label is beyond `num_classes`.
        """
        return case.counts(case.labels.classes(self.num_classes))[0 if self.include_background else 1 :]

    def value_of(self, part: Tensor) -> float:
        """The figure of one case."""
        return mean_of_known(confusion_figure(self.metric_name, part).tolist())

    def total(self) -> float:
        """The figure of all cases."""
        return super().total() if self.compute_sample else mean_of_known(self.by_class().values())

    def matrix(self) -> Tensor:
        """True positives, false positives, false negatives, true negatives of each class that counts, [K, 4]."""
        most = max((len(part) for part in self.parts.values()), default=0)
        counts = torch.zeros(most, 4, dtype=torch.double)
        for part in self.parts.values():
            counts[: len(part)] += part
            counts[len(part) :, 3] += part[0].sum()  # a class that the case doesn't know is a true negative everywhere
        return counts

    def by_class(self) -> dict[int, float]:
        """The figure of each class that counts, of all cases together."""
        figures = confusion_figure(self.metric_name, self.matrix()).tolist()
        return dict(enumerate(figures, start=0 if self.include_background else 1))
