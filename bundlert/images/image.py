"""An image as transforms see it: voxels, where they lie, and where they are wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bundlert.images.grid import Affine, Grid

if TYPE_CHECKING:
    from torch import Tensor

_AS_DATA = Grid((1,), np.eye(2))  # stands for "the grid of the data" where no original is given


@dataclass(frozen=True, eq=False)
class Bend:
    """A grid whose voxels are taken from somewhat beside their places: an elastic deformation.

    Args:
        grid: The grid before it is bent.
        offsets: [n, *M] in voxels of `grid`, at M control points along each axis, spread evenly from its first to its
            last voxel, linear between them.
    """

    grid: Grid
    offsets: Tensor


@dataclass(frozen=True, eq=False)
class Wanted:
    """A grid that is asked for and not yet resampled.

    Args:
        grid: Where the voxels shall lie.
        mode: `bilinear` (linear in any dimension) or `nearest`; None as long as voxels only move, whole.
        padding: `border`, `reflection`, `zeros` or a value for what lies outside; None as long as nothing does.
        bend: A deformation on the way to `grid`.
    """

    grid: Grid
    mode: str | None = None
    padding: str | float | None = None
    bend: Bend | None = None


@dataclass(frozen=True, eq=False)
class Image:
    """Voxels in the world. Nothing is changed in place: each step gives a new image.

    Args:
        data: [C, *S], voxels on `grid`.
        grid: Where `data` lies.
        file: Where it was read.
        original: The grid in the file; `grid` if not given. To undo all spatial steps is to resample to it.
        wanted: The grid that spatial steps ask for; `transforms.lazy.realize` resamples to it, once.

    Raises:
        ValueError: `data` doesn't have a channel axis and the grid's shape.
    """

    data: Tensor
    grid: Grid
    file: Path | None = None
    original: Grid = _AS_DATA
    wanted: Wanted | None = None

    def __post_init__(self) -> None:
        if self.data.shape[1:] != self.grid.shape:
            raise ValueError(f"data must be [C, {_by(self.grid.shape)}] as its grid, got {tuple(self.data.shape)}")
        if self.original is _AS_DATA:
            object.__setattr__(self, "original", self.grid)

    @property
    def target(self) -> Grid:
        """The grid that the image stands for: the wanted one if any."""
        return self.wanted.grid if self.wanted else self.grid

    @property
    def shape(self) -> tuple[int, ...]:
        """Voxels along each spatial axis of `target`, without channels."""
        return self.target.shape

    @property
    def affine(self) -> Affine:
        """From voxel index to world mm, of `target`."""
        return self.target.affine

    @property
    def name(self) -> str:
        """What messages call it: its file, or its shape."""
        return f"'{self.file}'" if self.file else f"an image of {_by(self.shape)}"

    def with_data(self, data: Tensor) -> Image:
        """The same image with other voxels [K, *S] on the same grid."""
        return replace(self, data=data)


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape)
