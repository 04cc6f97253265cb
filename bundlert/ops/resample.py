"""Resample voxels by an affine map, with no more interpolation than the map needs.

Three ways, chosen by the matrix, with one set of rules:

- Along an axis that only moves by whole voxels (flip, permutation, crop, pad), voxels are copied, bit by bit.
- Where each output axis follows one input axis (any orientation and spacing), axes are interpolated one after another
  from small tables (`resample_axes`).
- Else each output voxel gets its own coordinates (`resample_points`).

Rules: a voxel is a cell that reaches half a voxel around its centre. Inside the cells of the outermost voxels their
value holds; beyond them `padding` rules. `nearest` takes the voxel whose cell holds the point; a point on the face
between two cells, to a millionth of a voxel, belongs to the cell of the higher index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bundlert.ops.resample_axes import SNAP_VOXELS, Matrix, Outside, resample_axes
from bundlert.ops.resample_points import resample_bent, resample_points

if TYPE_CHECKING:
    from torch import Tensor

MODES = ("bilinear", "nearest")
PADDINGS = ("border", "zeros", "reflection")


def resample_affine(
    data: Tensor, matrix: Matrix, shape: Sequence[int], mode: str = "bilinear", padding: str | float = "border"
) -> Tensor:
    """Voxels at the places that an affine map names.

    Args:
        data: [C, *S].
        matrix: (n+1) x (n+1), from output index to input index.
        shape: Output size along each of the n axes.
        mode: `bilinear` (the field's name for linear, in any dimension) or `nearest`.
        padding: What lies outside: `border` (the outermost value goes on), `reflection` (mirrored at the outermost
            faces), `zeros`, or a value.

    Returns:
        [C, *shape]: the dtype of `data` by `nearest`; float32, or float64 where `data` is, by `bilinear`.

    Raises:
        ValueError: An unknown mode or padding, or a matrix or shape of other dimensions than the data.
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    shape = tuple(int(size) for size in shape)
    _check(data, matrix, shape)
    linear, outside = _rules(mode, padding)
    sources = _followed_axes(matrix, shape)
    if sources is None:
        return resample_points(data, matrix, shape, linear=linear, outside=outside)
    return resample_axes(data, sources, matrix, shape, linear=linear, outside=outside)


def resample_warped(
    data: Tensor,
    matrix: Matrix,
    shape: Sequence[int],
    *,
    warp: Warp,
    into: Matrix,
    mode: str = "bilinear",
    padding: str | float = "border",
) -> Tensor:
    """Voxels at places that an affine map names after a grid on the way was bent.

    Args:
        data: [C, *S] with two or three spatial axes.
        matrix: (n+1) x (n+1), from an index of the bent grid to an input index.
        shape: Output size along each axis.
        warp: How the grid is bent.
        into: (n+1) x (n+1), from an output index to an index of the bent grid.
        mode: As in `resample_affine`.
        padding: As in `resample_affine`.

    Returns:
        [C, *shape], with the dtype as in `resample_affine`.

    Raises:
        ValueError: As in `resample_affine`, and for one spatial axis.
    """
    matrix, into = np.asarray(matrix, dtype=np.float64), np.asarray(into, dtype=np.float64)
    shape = tuple(int(size) for size in shape)
    _check(data, matrix, shape)
    if len(shape) == 1:
        raise ValueError("one spatial axis can't be bent: 2 or 3 are expected")
    linear, outside = _rules(mode, padding)
    return resample_bent(
        data, matrix, shape, offsets=warp.offsets, bent=warp.shape, into=into, linear=linear, outside=outside
    )


@dataclass(frozen=True, eq=False)
class Warp:
    """A bent grid: offsets at control points spread evenly from its first to its last voxel.

    Args:
        shape: Voxels of the grid along each of the n axes.
        offsets: [n, *M] in voxels of the grid, at M control points along each axis, linear between them.
    """

    shape: tuple[int, ...]
    offsets: Tensor


def _rules(mode: str, padding: str | float) -> tuple[bool, Outside]:
    """Whether to interpolate, and what lies outside."""
    check_mode(mode)
    check_padding(padding)
    return mode == "bilinear", 0.0 if padding == "zeros" else padding


def check_mode(mode: str) -> None:
    """Refuse an unknown mode by a ValueError."""
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, got '{mode}'")


def check_padding(padding: str | float) -> None:
    """Refuse an unknown padding by a ValueError."""
    if isinstance(padding, str) and padding not in PADDINGS:
        raise ValueError(f"padding must be one of {', '.join(PADDINGS)} or a value, got '{padding}'")


def _followed_axes(matrix: Matrix, shape: tuple[int, ...]) -> list[int] | None:
    """The input axis that each output axis follows alone, or None where some axis runs askew."""
    moves = np.abs(matrix[:-1, :-1]) * shape
    sources = [int(source) for source in moves.argmax(axis=0)]
    if len(set(sources)) < len(sources):
        return None
    moves[sources, range(len(sources))] = 0
    return sources if moves.sum(axis=1).max() < SNAP_VOXELS else None


def _check(data: Tensor, matrix: Matrix, shape: tuple[int, ...]) -> None:
    order = data.ndim - 1
    if order not in (1, 2, 3) or min(data.shape) < 1:
        raise ValueError(f"data must be [C, *S] with 1 to 3 spatial axes and no empty one, got {tuple(data.shape)}")
    if matrix.shape != (order + 1, order + 1) or not np.isfinite(matrix).all():
        raise ValueError(f"matrix must be {order + 1} x {order + 1} and finite, got {matrix.tolist()}")
    if len(shape) != order or min(shape) < 1:
        raise ValueError(f"shape must have {order} sizes >= 1, got {shape}")
