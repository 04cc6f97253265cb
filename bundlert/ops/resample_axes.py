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
_PLANE = 1 << 13  # voxels of a plane that is worth a call of its own
_LARGE = 1 << 20  # voxels that a cache near to the core doesn't hold


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
    """Resample by a matrix whose output axis `j` follows the input axis `sources[j]` alone; see `resample_affine`.

    A box that is only cut out, and is most of the data, is a view of it.
    """
    dtype = interpolated_dtype(data) if linear else data.dtype
    given = data
    data = data.permute(0, *(source + 1 for source in sources))
    tables = [
        axis_table(matrix[source, axis], matrix[source, -1], size_in, size_out, linear=linear, outside_is=outside)
        for axis, (source, size_in, size_out) in enumerate(zip(sources, data.shape[1:], shape, strict=True))
    ]
    for axis in _order(data, shape):
        data = _along(data, axis + 1, tables[axis], dtype)
    for axis, table in enumerate(tables):
        if not isinstance(outside, str) and table.outside.any():
            data = data.index_fill(axis + 1, torch.from_numpy(np.flatnonzero(table.outside)).to(data.device), outside)
    data = data.to(dtype)
    return data if _is_most_of(data, given) else data.contiguous()


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


def _is_most_of(part: Tensor, whole: Tensor) -> bool:
    """Whether a tensor is no more than a box of another in C order, and not worth a copy that spares memory."""
    same = part.untyped_storage().data_ptr() == whole.untyped_storage().data_ptr()
    return same and whole.is_contiguous() and part.stride() == whole.stride() and 2 * part.numel() > whole.numel()


def _order(data: Tensor, shape: tuple[int, ...]) -> list[int]:
    """The spatial axes of [C, *S] in the order that takes the least time by planes.

    First those that shrink, since all others have less to do then; next the last one, along which there are no planes
    once memory is in C order. Neither if neighbours along it are neighbours in memory already. Such an axis comes
    next, before the others make more of what has to be laid out anew for it.
    """
    last = len(shape) - 1

    def rank(axis: int) -> tuple[bool, ...]:
        grows, innermost = shape[axis] >= data.shape[axis + 1], data.stride(axis + 1) == 1
        return grows or innermost, axis != last, not innermost

    return sorted(range(len(shape)), key=rank)


def _along(data: Tensor, axis: int, table: AxisTable, dtype: torch.dtype) -> Tensor:
    steps = np.diff(table.below)
    if table.weight is None and (steps == 1).all():
        return data.narrow(axis, int(table.below[0]), len(table.below))
    if table.weight is None and (steps == -1).all():
        return data.narrow(axis, int(table.below[-1]), len(table.below)).flip(axis)
    if data.device.type == "cpu" and (axis != _inner(data) or (table.weight is not None and data.numel() > _LARGE)):
        data = _laid_out(data, axis)
    if table.weight is None:
        return _picked(data, axis, table.below)
    data = data.to(dtype)
    if data.device.type == "cpu" and not data.requires_grad and data.numel() >= _PLANE * data.shape[axis]:
        return _by_planes(data, axis, table.below, table.weight)
    above = _picked(data, axis, np.minimum(table.below + 1, data.shape[axis] - 1))
    weight = torch.from_numpy(table.weight).to(data.device, dtype)
    return torch.lerp(_picked(data, axis, table.below), above, weight.view(-1, *[1] * (data.ndim - 1 - axis)))


def _picked(data: Tensor, axis: int, indices: NDArray[np.int64]) -> Tensor:
    """The planes `indices` along one axis. Axes are in the order of memory meanwhile: planes then are copied whole."""
    layout = _memory_order(data)
    index = torch.from_numpy(indices).to(data.device)
    return data.permute(layout).index_select(layout.index(axis), index).permute(np.argsort(layout).tolist())


def _by_planes(data: Tensor, axis: int, below: NDArray[np.int64], weight: NDArray[np.float64]) -> Tensor:
    """Interpolate plane by plane on a CPU: planes stay in its cache, where whole gathered volumes don't."""
    shape = [*data.shape[:axis], len(below), *data.shape[axis + 1 :]]
    layout = list(range(data.ndim)) if data.stride(_inner(data)) == 1 else _memory_order(data)
    found = torch.empty_permuted(shape, layout, dtype=data.dtype)
    planes, last = data.unbind(axis), data.shape[axis] - 1
    for plane, first, part in zip(found.unbind(axis), below.tolist(), weight.tolist(), strict=True):
        torch.lerp(planes[first], planes[min(first + 1, last)], part, out=plane)
    return found


def _laid_out(data: Tensor, axis: int) -> Tensor:
    """The same voxels, where neighbours along an axis aren't neighbours in memory: planes across it are fast there."""
    if data.stride(axis) != 1:
        return data
    inner, layout = _inner(data), _memory_order(data)
    layout.remove(inner)
    layout.insert(0 if axis == inner else len(layout), inner)
    return torch.empty_permuted(data.shape, layout, dtype=data.dtype).copy_(data)


def _inner(data: Tensor) -> int:
    """The axis whose neighbours are neighbours in C order."""
    return max((axis for axis, size in enumerate(data.shape) if size > 1), default=data.ndim - 1)


def _memory_order(data: Tensor) -> list[int]:
    return sorted(range(data.ndim), key=data.stride().__getitem__, reverse=True)
