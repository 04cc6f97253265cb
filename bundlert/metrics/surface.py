"""How far the surfaces of two masks are from each other: exact, and only where there is surface.

A surface voxel is a voxel of the mask that shares a face with a voxel outside it; all that is outside the image is
outside the mask. Distances are those between voxel centres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

Mask = NDArray[np.bool_]

ORDERS = {"euclidean": 2.0, "taxicab": 1.0, "chessboard": math.inf}  # the p of Minkowski's distance
REACH = 2  # voxels around a surface voxel that are looked at one by one, before a tree is built for what is farther
VOXELS_A_POINT = 30  # of a distance map, in the time that a tree takes for a point


class SurfaceDistances(NamedTuple):
    """Distance of each surface voxel of one side to the nearest of the other, in mm.

    Attributes:
        from_prediction: Of each surface voxel of the prediction; infinite where the target has none.
        from_target: Of each surface voxel of the target; infinite where the prediction has none.
    """

    from_prediction: NDArray[np.float64]
    from_target: NDArray[np.float64]

    @property
    def both_empty(self) -> bool:
        """Whether neither side has a surface."""
        return not len(self.from_prediction) and not len(self.from_target)

    @property
    def one_empty(self) -> bool:
        """Whether only one side has a surface."""
        return bool(len(self.from_prediction)) != bool(len(self.from_target))


def surface_distances(
    prediction: Mask, target: Mask, spacing: Sequence[float], *, distance_metric: str = "euclidean"
) -> SurfaceDistances:
    """Distances between the surfaces of two masks, both ways.

    Args:
        prediction: Booleans.
        target: Booleans.
        spacing: Size of a voxel along each axis, in mm.
        distance_metric: `euclidean`, `taxicab` (sum over the axes) or `chessboard` (greatest over the axes).

    Shape:
        prediction (*S), target (*S), spacing (axes)

    Raises:
        ValueError: The shapes differ, the spacing has more or fewer axes, or the distance has another name.
    """
    check_distance(distance_metric)
    if prediction.shape != target.shape:
        raise ValueError(f"prediction and target must agree in shape, got {prediction.shape} and {target.shape}")
    if len(spacing) != target.ndim:
        raise ValueError(f"spacing must have one number for each of {target.ndim} axes, got {spacing}")
    box = common_box(prediction, target)
    sides = [edges(np.pad(mask[box], REACH)) for mask in (prediction, target)]
    points = [np.flatnonzero(side) for side in sides]
    if not all(map(len, points)):
        return SurfaceDistances(*(np.full(len(one), np.inf) for one in points))
    order, sizes = ORDERS[distance_metric], np.asarray(spacing, dtype=np.float64)
    steps, lengths = _steps(sides[0].shape, sizes, order)
    found = [_near(one, side.ravel(), steps, lengths) for one, side in zip(points, sides[::-1], strict=True)]
    for one, side, known in zip(points, sides[::-1], found, strict=True):
        far = np.isnan(known)
        if far.any():
            known[far] = _far(one[far], side, sizes, order)
    return SurfaceDistances(*found)


def check_distance(distance_metric: str) -> None:
    """Refuse a distance that isn't one of `ORDERS`.

    Raises:
        ValueError: It isn't.
    """
    if distance_metric not in ORDERS:
        raise ValueError(f"distance_metric must be one of {', '.join(ORDERS)}, got '{distance_metric}'")


def common_box(one: Mask, other: Mask) -> tuple[slice, ...]:
    """The smallest box with all of two masks; without a voxel if both are empty."""
    either, box = one | other, list[slice]()
    for axis in range(either.ndim):
        across = tuple(number for number in range(either.ndim) if number != axis)
        inside = np.flatnonzero(either.any(axis=across))
        box.append(slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0))
    return tuple(box)


def edges(mask: Mask) -> Mask:
    """The surface voxels of a mask with a margin of at least one empty voxel."""
    inner = mask.copy()
    for axis in range(mask.ndim):
        lower: list[slice] = [slice(None)] * mask.ndim
        upper = lower.copy()
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        inner[tuple(lower)] &= mask[tuple(upper)]
        inner[tuple(upper)] &= mask[tuple(lower)]
    return mask & ~inner


def _steps(
    shape: Sequence[int], sizes: NDArray[np.float64], order: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Steps to all voxels within reach, in a flat volume, with their lengths; the shortest first.

    Any voxel that isn't among them is at least `REACH + 1` voxels away along an axis, so at least as far as that.
    """
    moves = np.array(list(product(range(-REACH, REACH + 1), repeat=len(shape))))
    lengths = np.linalg.norm(moves * sizes, ord=order, axis=1)
    chosen = np.flatnonzero(lengths <= (REACH + 1) * sizes.min())
    chosen = chosen[np.argsort(lengths[chosen], kind="stable")]
    strides = np.cumprod([1, *shape[:0:-1]])[::-1]
    return (moves[chosen] @ strides).astype(np.intp), lengths[chosen]


def _near(
    points: NDArray[np.intp], surface: Mask, steps: NDArray[np.intp], lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance of points to a surface, in flat volumes; NaN where there is none within reach."""
    found, left = np.full(len(points), np.nan), np.arange(len(points))
    for step, length in zip(steps.tolist(), lengths.tolist(), strict=True):
        hit = surface[points + step]
        found[left[hit]] = length
        points, left = points[~hit], left[~hit]
        if not len(left):
            break
    return found


def _far(points: NDArray[np.intp], surface: Mask, sizes: NDArray[np.float64], order: float) -> NDArray[np.float64]:
    """Distance of points to a surface: by a tree, or by a map of all voxels where there are very many points."""
    distances: NDArray[np.float64]
    if order == ORDERS["euclidean"] and len(points) * VOXELS_A_POINT > surface.size:
        distances = ndimage.distance_transform_edt(~surface, sampling=sizes).ravel()[points]
    else:
        here, there = (np.stack(np.unravel_index(one, surface.shape), 1) for one in (points, np.flatnonzero(surface)))
        tree = cKDTree(there * sizes, balanced_tree=False, compact_nodes=False)
        distances = tree.query(here * sizes, p=order)[0]
    return distances
