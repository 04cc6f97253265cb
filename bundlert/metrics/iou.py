"""Overlap of label maps as a share of their union."""

from __future__ import annotations

import torch
from torch import Tensor

from bundlert.metrics.case import Case
from bundlert.metrics.class_metric import ClassMetric


class MeanIoU(ClassMetric):
    """|A and B| / |A or B|: mean over the classes of a case, then over cases.

    A class that neither the prediction nor the target has is left out; a class that only one of them has counts 0. A
    case with no class left is NaN and left out of the mean. Source: Jaccard, New Phytologist 1912.

    The prediction is [1, *S] labels or [K, *S] scores of which the highest wins, the target [1, *S] labels; or both
    are [K, *S] masks of 0 and 1, one a class, which may overlap.

    Args:
        include_background: Whether class 0 counts.
        num_classes: Classes with the background; what the scores or labels show, if None.
        ignore_empty: Whether a class that neither side has is left out; else it counts 1.
    """

    name = "iou"

    def __init__(
        self, *, include_background: bool = True, num_classes: int | None = None, ignore_empty: bool = True
    ) -> None:
        super().__init__(include_background=include_background, num_classes=num_classes)
        self.ignore_empty = ignore_empty

    def class_values(self, case: Case, kinds: range) -> Tensor:
        """Intersection over union of each class."""
        both, only_found, only_right, _ = case.counts(kinds.stop)[kinds.start :].unbind(dim=1)
        values = both / (both + only_found + only_right)
        return values if self.ignore_empty else torch.nan_to_num(values, nan=1.0)
