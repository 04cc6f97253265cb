"""Resampling one axis after another, where each output axis follows one input axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Matrix = NDArray[np.float64]
Outside = str | float
"""What lies outside: `border`, `reflection`, or a value."""

SNAP_VOXELS = 1e-4
"""A map that misses whole voxels by less than this misses them by the rounding of affines in files: it hits them."""
TIE_VOXELS = 1e-6
"""Points this near to the face between two voxels lie on it."""


@dataclass(frozen=True, eq=False)
class AxisTable:
    """Where the values along one output axis come from.

    Args:
        below: [n] input indices.
        weight: [n] how far on the way to the next input index; None where voxels are copied.
        outside: [n] whether the point lies beyond the outermost cells.
    """

    below: NDArray[np.int64]
    weight: NDArray[np.float64] | None
    outside: NDArray[np.bool_]


def resample_axes(
    data: Tensor, sources: list[int], matrix: Matrix, shape: tuple[int, ...], *, linear: bool, outside: Outside
) -> Tensor:
    """Resample by a matrix whose output axis `j` follows the input axis `sources[j]` alone; see `resample_affine`."""
    dtype = interpolated_dtype(data) if linear else data.dtype
    data = data.permute(0, *(source + 1 for source in sources))
    tables = [
        axis_table(matrix[source, axis], matrix[source, -1], size_in, size_out, linear=linear, outside_is=outside)
        for axis, (source, size_in, size_out) in enumerate(zip(sources, data.shape[1:], shape, strict=True))
    ]
    # the axis that shrinks most goes first: all later ones have less to do
    for axis in sorted(range(len(shape)), key=lambda axis: shape[axis] / data.shape[axis + 1]):
        data = _along(data, axis + 1, tables[axis], dtype)
    for axis, table in enumerate(tables):
        if not isinstance(outside, str) and table.outside.any():
            data = data.index_fill(axis + 1, torch.from_numpy(np.flatnonzero(table.outside)).to(data.device), outside)
    return data.to(dtype).contiguous()


def axis_table(
    step: float, start: float, size_in: int, size_out: int, *, linear: bool, outside_is: Outside = "border"
) -> AxisTable:
    """The table of one axis: output index `o` lies at the input coordinate `start + step * o`."""
    places = start + step * np.arange(size_out, dtype=np.float64)
    whole = np.rint(places)
    is_whole = bool(np.abs(places - whole).max() < SNAP_VOXELS)
    if is_whole:
        places = whole
    if outside_is == "reflection":
        places = reflected(places, size_in)
    outside = (places < -0.5 - TIE_VOXELS) | (places > size_in - 0.5 + TIE_VOXELS)
    if linear and not is_whole:
        places = places.clip(0, size_in - 1)
        below = np.floor(places)
        return AxisTable(below.astype(np.int64), places - below, outside)
    nearest = np.floor(places + (0.5 + TIE_VOXELS)).clip(0, size_in - 1)
    return AxisTable(nearest.astype(np.int64), None, outside)


def reflected(places: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Coordinates outside of the cells of an axis, mirrored into them at the outermost faces, as often as it takes."""
    inside = np.mod(places + 0.5, 2 * size)
    return np.asarray(np.minimum(inside, 2 * size - inside) - 0.5)


def interpolated_dtype(data: Tensor) -> torch.dtype:
    """The dtype in which values of `data` are interpolated: float64 stays, all else becomes float32."""
    return torch.float64 if data.dtype == torch.float64 else torch.float32


def _along(data: Tensor, axis: int, table: AxisTable, dtype: torch.dtype) -> Tensor:
    below = _picked(data, axis, table.below)
    if table.weight is None:
        return below
    above = _picked(data, axis, np.minimum(table.below + 1, data.shape[axis] - 1))
    weight = torch.from_numpy(table.weight).to(data.device, dtype)
    return torch.lerp(below.to(dtype), above.to(dtype), weight.view(-1, *[1] * (data.ndim - 1 - axis)))


def _picked(data: Tensor, axis: int, indices: NDArray[np.int64]) -> Tensor:
    """The planes `indices` along one axis: a view where they are neighbours in order."""
    steps = np.diff(indices)
    if (steps == 1).all():
        return data.narrow(axis, int(indices[0]), len(indices))
    if (steps == -1).all():
        return data.narrow(axis, int(indices[-1]), len(indices)).flip(axis)
    return data.index_select(axis, torch.from_numpy(indices).to(data.device))
