"""Area under the receiver operating characteristic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bundlert.metrics.ranking import RankingMetric, roc_auc


class ROCAUC(RankingMetric):
    """Area under the ROC curve of all items of all cases: the chance that a positive scores higher than a negative.

    Ties count half. The prediction is [K] scores of one item, or [K, *S] of many; the target is [1, *S] labels below K
    (each class against all others), or [K, *S] of 0 and 1. A case's own value is that of its items alone.

    A class of which all items are positive, or none is, has no curve: NaN, left out of `macro` and `weighted`. If no
    class is left, the figure is NaN. Source: Hanley and McNeil, Radiology 1982.

    Args:
        average: `macro`, the mean over classes; `weighted`, by how many items of a class are positive; `micro`, all
            scores of all classes in one; `none`, a list with one figure for each class.

    Raises:
        ValueError: The average has another name.
    """

    name = "roc_auc"

    def __init__(self, average: str = "macro") -> None:
        super().__init__(average)

    def figure(self, scores: NDArray[np.generic], positive: NDArray[np.bool_]) -> float:
        """Area under the curve of items."""
        return roc_auc(scores, positive)
