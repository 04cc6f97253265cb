"""The average distance between two surfaces."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from torch import Tensor

from bundlert.metrics.case import Case
from bundlert.metrics.class_metric import ClassMetric, as_values
from bundlert.metrics.surface import SurfaceDistances, check_distance


class SurfaceDistance(ClassMetric):
    """How far, on average, a surface is from the other, in mm: mean over the classes of a case, then over cases.

    The mean distance of the prediction's surface voxels to the nearest ones of the target. If symmetric, the mean over
    the surface voxels of both sides together: ASSD. Without a spacing, distances are in voxels. Source: Heimann et al.,
    IEEE TMI 2009; surfaces as in `bundlert.metrics.surface`.

    A class that neither the prediction nor the target has is NaN and left out; a class that only one of them has
    counts `missing`. A case with no class left is NaN and left out of the mean.

    Args:
        include_background: Whether class 0 counts.
        symmetric: Both ways.
        distance_metric: `euclidean`, `taxicab` or `chessboard`.
        num_classes: Classes with the background; what the scores or labels show, if None.
        missing: What counts for a class that only one side has: infinite, or a penalty in mm; NaN leaves it out.

    Raises:
        ValueError: The distance has another name.
    """

    name = "surface_distance"
    higher_is_better: ClassVar[bool] = False

    def __init__(
        self,
        *,
        include_background: bool = False,
        symmetric: bool = False,
        distance_metric: str = "euclidean",
        num_classes: int | None = None,
        missing: float = math.inf,
    ) -> None:
        super().__init__(include_background=include_background, num_classes=num_classes)
        check_distance(distance_metric)
        self.symmetric, self.distance_metric, self.missing = symmetric, distance_metric, missing

    def class_values(self, case: Case, kinds: range) -> Tensor:
        """Average surface distance of each class, in mm."""
        return as_values([self._average(case.distances(kind, self.distance_metric)) for kind in kinds])

    def _average(self, found: SurfaceDistances) -> float:
        if found.both_empty:
            return math.nan
        if found.one_empty:
            return self.missing
        return float(np.mean(np.concatenate(found) if self.symmetric else found.from_prediction))
