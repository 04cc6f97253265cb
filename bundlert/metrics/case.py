"""One case as metrics look at it: what several of them need is worked out once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from bundlert.metrics.labels import Labels, read_labels
from bundlert.metrics.surface import SurfaceDistances, common_box, surface_distances


class Case:
    """Prediction and target of one case.

    Args:
        prediction: What was found, [C, *S].
        target: What is right, [C, *S].
        spacing: Size of a voxel along each spatial axis, in mm; one number for all axes.

    Attributes:
        prediction: As given.
        target: As given.
        spacing_mm: One number for each spatial axis; None if it wasn't given.

    Raises:
        ValueError: The spacing isn't one positive number for each axis.
    """

    def __init__(self, prediction: Tensor, target: Tensor, spacing: float | Sequence[float] | None = None) -> None:
        self.prediction, self.target = prediction, target
        self.spacing_mm = None if spacing is None else _per_axis(spacing, target.ndim - 1)
        self._counts: dict[int, Tensor] = {}
        self._distances: dict[tuple[int, str], SurfaceDistances] = {}

    @cached_property
    def labels(self) -> Labels:
        """Both sides as labels or masks: see `read_labels`."""
        return read_labels(self.prediction, self.target)

    def counts(self, classes: int) -> Tensor:
        """True positives, false positives, false negatives, true negatives of each class, [K, 4]."""
        if classes not in self._counts:
            self._counts[classes] = self.labels.counts(classes)
        return self._counts[classes]

    def distances(self, kind: int, distance_metric: str = "euclidean") -> SurfaceDistances:
        """Distances between both surfaces of a class, in mm; in voxels where no spacing was given.

        Raises:
            ValueError: There is no spatial axis.
        """
        if self.target.ndim < 2:
            raise ValueError(f"surfaces need a spatial axis, got a target of shape {tuple(self.target.shape)}")
        key = (kind, distance_metric)
        if key not in self._distances:
            spacing = self.spacing_mm or (1.0,) * (self.target.ndim - 1)
            self._distances[key] = surface_distances(*self._masks(kind), spacing, distance_metric=distance_metric)
        return self._distances[key]

    def _masks(self, kind: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Both masks of a class, cut to a box outside of which there is neither."""
        if self.labels.masks:
            return self._volumes[0][kind], self._volumes[1][kind]
        if kind == 0:
            return self._volumes[0] == 0, self._volumes[1] == 0
        cut = [volume[self._box] for volume in self._volumes]
        boxes = [found[kind - 1] for found in self._boxes if len(found) >= kind and found[kind - 1] is not None]
        box = tuple(slice(min(s.start for s in axis), max(s.stop for s in axis)) for axis in zip(*boxes, strict=True))
        return (cut[0][box] == kind, cut[1][box] == kind) if boxes else (cut[0][:0] == kind, cut[1][:0] == kind)

    @cached_property
    def _volumes(self) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        return self.labels.prediction.cpu().numpy(), self.labels.target.cpu().numpy()

    @cached_property
    def _box(self) -> tuple[slice, ...]:
        """Where any class but the background is."""
        return common_box(*(volume != 0 for volume in self._volumes))

    @cached_property
    def _boxes(self) -> list[list[tuple[slice, ...] | None]]:
        """The box of each label from 1, on either side, within `_box`."""
        highest = self.labels.highest
        return [ndimage.find_objects(volume[self._box], highest) if highest else [] for volume in self._volumes]


def _per_axis(spacing: float | Sequence[float], axes: int) -> tuple[float, ...]:
    sizes = (float(spacing),) * axes if isinstance(spacing, int | float) else tuple(float(size) for size in spacing)
    if len(sizes) != axes or not all(0 < size < math.inf for size in sizes):
        raise ValueError(f"spacing must be a positive number of mm for each of {axes} axes, got {spacing}")
    return sizes
