"""The greatest distance between two surfaces."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from torch import Tensor

from bundlert.metrics.case import Case
from bundlert.metrics.class_metric import ClassMetric, as_values
from bundlert.metrics.surface import SurfaceDistances, check_distance


class HausdorffDistance(ClassMetric):
    """How far, at most, a surface is from the other, in mm: mean over the classes of a case, then over cases.

    The greatest distance of a surface voxel of the prediction to the nearest one of the target, and the other way
    round; the greater of both. With a percentile, that percentile of each way's distances (linear between values)
    stands for the greatest, as in the HD95 of the field. Without a spacing, distances are in voxels. Source:
    Huttenlocher et al., IEEE PAMI 1993; surfaces as in `bundlert.metrics.surface`.

    A class that neither the prediction nor the target has is NaN and left out; a class that only one of them has
    counts `missing`. A case with no class left is NaN and left out of the mean.

    Args:
        include_background: Whether class 0 counts.
        distance_metric: `euclidean`, `taxicab` or `chessboard`.
        percentile: From 0 to 100; the greatest distance if None.
        directed: Only from the prediction to the target.
        num_classes: Classes with the background; what the scores or labels show, if None.
        missing: What counts for a class that only one side has: infinite, or a penalty in mm; NaN leaves it out.

    Raises:
        ValueError: The percentile is out of range, or the distance has another name.
    """

    name = "hausdorff"
    higher_is_better: ClassVar[bool] = False

    def __init__(
        self,
        *,
        include_background: bool = False,
        distance_metric: str = "euclidean",
        percentile: float | None = None,
        directed: bool = False,
        num_classes: int | None = None,
        missing: float = math.inf,
    ) -> None:
        super().__init__(include_background=include_background, num_classes=num_classes)
        check_distance(distance_metric)
        if percentile is not None and not 0 <= percentile <= 100:
            raise ValueError(f"percentile must be between 0 and 100, got {percentile}")
        self.distance_metric, self.percentile = distance_metric, percentile
        self.directed, self.missing = directed, missing
        self.name = self.name if percentile is None else f"{self.name}{percentile:g}"

    def class_values(self, case: Case, kinds: range) -> Tensor:
        """Hausdorff distance of each class, in mm."""
        return as_values([self._farthest(case.distances(kind, self.distance_metric)) for kind in kinds])

    def _farthest(self, found: SurfaceDistances) -> float:
        if found.both_empty:
            return math.nan
        if found.one_empty:
            return self.missing
        rank = 100.0 if self.percentile is None else self.percentile
        ways = found[:1] if self.directed else found
        return max(float(np.max(way) if rank == 100 else np.percentile(way, rank)) for way in ways)
