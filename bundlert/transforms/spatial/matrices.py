"""Linear maps of voxel indices: rotations, shears, scales, as the field counts them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Range = float | Sequence[float]


def rotation(angles: Sequence[float], order: int) -> Matrix:
    """From output to input indices: in 2-D by one angle, in 3-D about the first, second and third axis, X @ Y @ Z.

    Args:
        angles: In radians; what is left out is 0.
        order: 2 or 3 axes.

    Raises:
        ValueError: Another number of axes, or more angles than there are.
    """
    if order not in (2, 3):
        raise ValueError(f"2 or 3 axes can be rotated, got {order}")
    if order == 2:
        (angle,) = filled(angles, 1, 0.0)
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    x, y, z = filled(angles, 3, 0.0)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z)


def affine(
    order: int,
    rotate: Sequence[float] = (),
    shear: Sequence[float] = (),
    translate: Sequence[float] = (),
    scale: Sequence[float] = (),
) -> Matrix:
    """From output to input indices counted from the centre: rotation @ shear @ translation @ scale.

    Args:
        order: 2 or 3 axes.
        rotate: Radians, as in `rotation`.
        shear: For the first axis, then the second ... how much of each other axis is added to it, in turn, so that
            volumes stay: 2 in 2-D, 6 in 3-D.
        translate: Voxels along each axis.
        scale: Factor along each axis; above 1 more of the input is seen, smaller.

    Returns:
        (order+1) x (order+1)

    Raises:
        ValueError: More values than there is room for, or a scale of 0.
    """
    whole = np.eye(order + 1)
    whole[:-1, :-1] = rotation(rotate, order) @ _shear(shear, order)
    moved = np.eye(order + 1)
    moved[:-1, -1] = filled(translate, order, 0.0)
    factors = filled(scale, order, 1.0)
    if min(abs(one) for one in factors) == 0:
        raise ValueError(f"scale must not be 0, got {tuple(scale)}")
    return np.asarray(whole @ moved @ np.diag([*factors, 1.0]))


def drawn(ranges: Range | Sequence[Range], count: int, rng: np.random.Generator) -> list[float]:
    """A value for each of the first places: `r` stands for -r..r, a pair for its range; one alone is the first's.

    Raises:
        ValueError: More ranges than places.
    """
    each = list(ranges) if isinstance(ranges, Sequence) else [ranges]
    if len(each) > count:
        raise ValueError(f"at most {count} ranges are expected, got {each}")
    limits = [tuple(one) if isinstance(one, Sequence) else (-one, one) for one in each]
    return [float(rng.uniform(min(low, high), max(low, high))) for low, high in limits]


def filled(values: Sequence[float], count: int, rest: float) -> list[float]:
    """The values, and `rest` for what is left out.

    Raises:
        ValueError: There are more.
    """
    if len(values) > count:
        raise ValueError(f"at most {count} values are expected, got {list(values)}")
    return [*map(float, values), *[rest] * (count - len(values))]


def _shear(values: Sequence[float], order: int) -> Matrix:
    shares = np.zeros((order, order))
    shares[~np.eye(order, dtype=bool)] = filled(values, order * (order - 1), 0.0)
    matrix = np.eye(order)
    for axis in range(order):
        matrix[axis] += shares[axis] @ matrix
    return matrix
