"""Average precision: the area under the precision-recall steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bundlert.metrics.ranking import RankingMetric, average_precision


class AveragePrecision(RankingMetric):
    """Precision averaged over the recall won at each threshold, of all items of all cases.

    Items of equal scores are one threshold; nothing is interpolated. The prediction is [K] scores of one item, or
    [K, *S] of many; the target is [1, *S] labels below K (each class against all others), or [K, *S] of 0 and 1. A
    case's own value is that of its items alone.

    A class without a positive item has no recall: NaN, left out of `macro` and `weighted`. If no class is left, the
    figure is NaN. Source: Zhu, University of Waterloo 2004.

    Args:
        average: `macro`, the mean over classes; `weighted`, by how many items of a class are positive; `micro`, all
            scores of all classes in one; `none`, a list with one figure for each class.

    Raises:
        ValueError: The average has another name.
    """

    name = "average_precision"

    def __init__(self, average: str = "macro") -> None:
        super().__init__(average)

    def figure(self, scores: NDArray[np.generic], positive: NDArray[np.bool_]) -> float:
        """Average precision of items."""
        return average_precision(scores, positive)
