"""Where voxels lie in the patient: a shape, an affine, and the algebra of moving both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]

WORLD_AXES = ("LR", "PA", "IS")
SAME_VOXELS = 1e-3
"""Two grids are one where no corner is further off than this part of a voxel."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A box of voxels in the world: RAS+ axes, millimetres, voxel centres.

    Every method gives a new grid in the same world; none touches a voxel.

    Args:
        shape: Voxels along each of the n axes.
        affine: (n+1) x (n+1), from voxel index to world mm.

    Raises:
        ValueError: The affine doesn't belong to the shape, isn't finite or can't be inverted.
    """

    shape: tuple[int, ...]
    affine: Affine

    def __post_init__(self) -> None:
        shape = tuple(int(size) for size in self.shape)
        affine = np.array(self.affine, dtype=np.float64)
        order = len(shape) + 1
        if affine.shape != (order, order):
            raise ValueError(f"affine must be {order} x {order} for a shape of {order - 1} axes, got {affine.shape}")
        if fault := affine_fault(affine):
            raise ValueError(f"affine {fault}: {affine.tolist()}")
        affine.setflags(write=False)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "affine", affine)

    @property
    def spacing(self) -> tuple[float, ...]:
        """The distance of neighbouring voxel centres along each axis, in mm."""
        return tuple(float(length) for length in np.linalg.norm(self.affine[:-1, :-1], axis=0))

    @property
    def axcodes(self) -> str:
        """The world direction into which each index grows, `LAS` for instance."""
        return "".join(WORLD_AXES[axis][int(sign > 0)] for axis, sign in self._directions())

    def reoriented(self, axcodes: str) -> Grid:
        """The same voxels, axes permuted and flipped so that they read `axcodes`."""
        wanted = _parsed(axcodes, len(self.shape))
        sources = {axis: (index, sign) for index, (axis, sign) in enumerate(self._directions())}
        order = len(self.shape)
        matrix = np.zeros((order + 1, order + 1))
        matrix[-1, -1] = 1
        for target, (axis, sign) in enumerate(wanted):
            source, own_sign = sources[axis]
            matrix[source, target] = sign * own_sign
            matrix[source, -1] = 0 if sign == own_sign else self.shape[source] - 1
        return self.moved([self.shape[sources[axis][0]] for axis, _ in wanted], matrix)

    def spaced(self, pixdim: float | Sequence[float]) -> Grid:
        """A grid with voxels of `pixdim` mm whose first voxel centre stays where it is.

        The size along an axis is `round((n - 1) * spacing / pixdim + 1)`.
        """
        order = len(self.shape)
        sizes = [float(pixdim)] * order if isinstance(pixdim, (int, float)) else [float(size) for size in pixdim]
        if len(sizes) != order or min(sizes) <= 0:
            raise ValueError(f"pixdim must be {order} values > 0, in mm, got {tuple(sizes)}")
        steps = [size / own for size, own in zip(sizes, self.spacing, strict=True)]
        shape = [round((count - 1) / step + 1) for count, step in zip(self.shape, steps, strict=True)]
        return self.moved(shape, np.diag([*steps, 1.0]))

    def cropped(self, start: Sequence[int], size: Sequence[int]) -> Grid:
        """The part of `size` voxels from `start`; what sticks out, `start` < 0 for instance, is padding."""
        matrix = np.eye(len(self.shape) + 1)
        matrix[:-1, -1] = start
        return self.moved(size, matrix)

    def flipped(self, axes: Sequence[int]) -> Grid:
        """The same voxels, counted from the other end along `axes`."""
        matrix = np.eye(len(self.shape) + 1)
        for axis in axes:
            matrix[axis, axis] = -1
            matrix[axis, -1] = self.shape[axis] - 1
        return self.moved(self.shape, matrix)

    def same_as(self, other: Grid) -> bool:
        """Whether both have the same voxels at the same places, up to a thousandth of a voxel."""
        if self.shape != other.shape:
            return False
        extent = np.array([*self.shape, 1.0])
        off = np.abs(self.matrix_to(other) - np.eye(len(extent))) @ extent
        return bool(off.max() < SAME_VOXELS)

    def matrix_to(self, other: Grid) -> Affine:
        """The matrix from an index of `other` to the own index of the same point."""
        return np.asarray(np.linalg.solve(self.affine, other.affine), dtype=np.float64)

    def moved(self, shape: Sequence[int], matrix: Affine) -> Grid:
        """The grid of `shape` whose index `i` lies at the own index `matrix @ i`.

        Args:
            shape: Voxels along each axis.
            matrix: (n+1) x (n+1), from an index of the new grid to an own index.
        """
        return Grid(tuple(shape), self.affine @ matrix)

    def _directions(self) -> list[tuple[int, int]]:
        """For each axis, the world axis nearest to it and the sign; no world axis is taken twice.

        The clearest axis chooses first, on the rotation nearest to the affine (polar decomposition), as nibabel does.
        """
        columns = self.affine[:-1, :-1] / np.array(self.spacing)
        left, _, right = np.linalg.svd(columns)
        rotation = left @ right
        found = [(0, 1)] * len(self.shape)
        for index in np.argsort(np.min(-(rotation**2), axis=0)):
            axis = int(np.argmax(np.abs(rotation[:, index])))
            found[index] = (axis, 1 if rotation[axis, index] > 0 else -1)
            rotation[axis] = 0
        return found


def affine_fault(affine: Affine) -> str | None:
    """What makes an affine unusable, as the end of a sentence, or None."""
    if not np.isfinite(affine).all():
        return "has values that are not finite"
    columns = affine[:-1, :-1]
    lengths = np.linalg.norm(columns, axis=0)
    if lengths.min() == 0 or abs(np.linalg.det(columns / lengths)) < 1e-6:
        return "is singular: two axes coincide or a voxel has no size"
    return None


def _parsed(axcodes: str, order: int) -> list[tuple[int, int]]:
    """`LAS` as (world axis, sign) of each index axis."""
    letters = {
        letter: (axis, sign) for axis, pair in enumerate(WORLD_AXES) for letter, sign in ((pair[0], -1), (pair[1], 1))
    }
    found = [letters[letter] for letter in axcodes if letter in letters]
    if len(axcodes) != order or {axis for axis, _ in found} != set(range(order)):
        pairs = ", ".join("/".join(pair) for pair in WORLD_AXES[:order])
        raise ValueError(f"axcodes must have one letter of each pair {pairs}, got '{axcodes}'")
    return found
