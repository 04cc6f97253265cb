"""The share of two surfaces that agree within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from bundlert.metrics.case import Case
from bundlert.metrics.class_metric import ClassMetric, as_values
from bundlert.metrics.surface import SurfaceDistances, check_distance

ROUNDING = 1e-9  # three voxels of 0.1 mm are 0.30000000000000004 mm


class SurfaceDice(ClassMetric):
    """Share of surface within a tolerance of the other: mean over the classes of a case, then over cases.

    The surface voxels of either side that are at most as far from the other side's surface as the tolerance says, over
    all surface voxels of both. Surface is counted in voxels, not in mm2. Without a spacing, tolerances are in voxels.
    A distance that equals its tolerance but for rounding is within. Source: Nikolov et al., J Med Internet Res 2021;
    surfaces as in `bundlert.metrics.surface`.

    A class that neither the prediction nor the target has is NaN and left out; a class that only one of them has
    counts 0. A case with no class left is NaN and left out of the mean.

    Args:
        class_thresholds: Tolerance of each class that counts, in mm; one number for all.
        include_background: Whether class 0 counts, and has a tolerance.
        distance_metric: `euclidean`, `taxicab` or `chessboard`.
        num_classes: Classes with the background; what the scores or labels show, if None.

    Raises:
        ValueError: A tolerance is negative or not finite, or the distance has another name.
    """

    name = "surface_dice"

    def __init__(
        self,
        class_thresholds: float | Sequence[float],
        *,
        include_background: bool = False,
        distance_metric: str = "euclidean",
        num_classes: int | None = None,
    ) -> None:
        super().__init__(include_background=include_background, num_classes=num_classes)
        check_distance(distance_metric)
        thresholds = [class_thresholds] if isinstance(class_thresholds, int | float) else list(class_thresholds)
        if not thresholds or not all(0 <= one < math.inf for one in thresholds):
            raise ValueError(f"class_thresholds must be numbers of mm from 0, got {class_thresholds}")
        self.class_thresholds, self.distance_metric = class_thresholds, distance_metric

    def class_values(self, case: Case, kinds: range) -> Tensor:
        """Surface Dice of each class.

        Raises:
            ValueError: There are more or fewer tolerances than classes that count.
        """
        given = self.class_thresholds
        thresholds = [given] * len(kinds) if isinstance(given, int | float) else list(given)
        if len(thresholds) != len(kinds):
            raise ValueError(f"class_thresholds must have one for each of {len(kinds)} classes, got {thresholds}")
        found = [case.distances(kind, self.distance_metric) for kind in kinds]
        return as_values([_share(*pair) for pair in zip(found, thresholds, strict=True)])


def _share(found: SurfaceDistances, threshold: float) -> float:
    if found.both_empty:
        return math.nan
    near = sum(int(np.count_nonzero(way <= threshold * (1 + ROUNDING))) for way in found)
    return near / sum(len(way) for way in found)
