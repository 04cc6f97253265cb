"""Affine, RandAffine: rotate, shear, move and scale at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys, Params
from bundlert.transforms.spatial.matrices import Range, affine, drawn
from bundlert.transforms.spatial.moving import GridTransform, Mode, Padding, RandomGridTransform, about_centre

if TYPE_CHECKING:
    from bundlert.images.grid import Grid

Ranges = Range | Sequence[Range] | None
Size = int | Sequence[int] | None


class Affine(GridTransform):
    """Look up the output's centred index `o` at the input's centred index `rotation @ shear @ translation @ scale @ o`.

    Args:
        keys: Images to move.
        rotate_params: Radians: one in 2-D; about the first, second and third axis in 3-D.
        shear_params: For each axis how much of each other one is added to it: 2 in 2-D, 6 in 3-D.
        translate_params: Voxels along each axis.
        scale_params: A factor along each axis; above 1 things get smaller.
        spatial_size: The new shape; the old one where it is None or <= 0.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.
    """

    def __init__(
        self,
        keys: Keys,
        rotate_params: float | Sequence[float] | None = None,
        shear_params: float | Sequence[float] | None = None,
        translate_params: float | Sequence[float] | None = None,
        scale_params: float | Sequence[float] | None = None,
        *,
        spatial_size: Size = None,
        mode: Mode = "bilinear",
        padding_mode: Padding = "reflection",
    ) -> None:
        super().__init__(keys, mode, padding_mode)
        self.rotate_params, self.shear_params = _listed(rotate_params), _listed(shear_params)
        self.translate_params, self.scale_params = _listed(translate_params), _listed(scale_params)
        self.spatial_size = spatial_size

    def grid_of(self, grid: Grid) -> Grid:
        """The moved grid."""
        matrix = affine(
            len(grid.shape), self.rotate_params, self.shear_params, self.translate_params, self.scale_params
        )
        return about_centre(matrix, grid, new_shape(self.spatial_size, grid.shape))


class RandAffine(RandomGridTransform):
    """An `Affine` with parameters of chance, all images alike.

    A range `r` stands for -r..r, a pair for its range. There may be one for each parameter; those left out stay as they
    are, so that a single number is the range of the first alone.

    Args:
        keys: Images to move.
        prob: How likely that is. A `spatial_size` is kept in any case.
        rotate_range: Of angles in radians.
        shear_range: Of the shears.
        translate_range: Of voxels.
        scale_range: Of what is added to the factor 1.
        spatial_size: The new shape; the old one where it is None or <= 0.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.
    """

    def __init__(
        self,
        keys: Keys,
        prob: float = 0.1,
        *,
        rotate_range: Ranges = None,
        shear_range: Ranges = None,
        translate_range: Ranges = None,
        scale_range: Ranges = None,
        spatial_size: Size = None,
        mode: Mode = "bilinear",
        padding_mode: Padding = "reflection",
    ) -> None:
        super().__init__(keys, prob, mode, padding_mode)
        self.ranges = {
            "rotate": rotate_range,
            "shear": shear_range,
            "translate": translate_range,
            "scale": scale_range,
        }
        self.spatial_size = spatial_size

    def draw(self, sample: dict[str, object], rng: np.random.Generator) -> Params:
        """Give the parameters of the map; none of them where only the size changes."""
        params = super().draw(sample, rng)
        return params or ({"rotate": []} if self.spatial_size is not None else {})

    def choose(self, order: int, rng: np.random.Generator) -> Params:
        """Give the parameters of the map."""
        counts = {"rotate": 1 if order == 2 else 3, "shear": order * (order - 1), "translate": order, "scale": order}
        found = {
            name: [] if ranges is None else drawn(ranges, counts[name], rng) for name, ranges in self.ranges.items()
        }
        return {**found, "scale": [1 + one for one in found["scale"]]}

    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """The moved grid."""
        matrix = affine(len(grid.shape), **params)
        return about_centre(matrix, grid, new_shape(self.spatial_size, grid.shape))


def new_shape(asked: Size, old: Sequence[int], *, name: str = "spatial_size") -> tuple[int, ...]:
    """The shape that a size means: the old one where it is None or <= 0.

    Raises:
        ValueError: Another number of axes; it calls the argument `name`.
    """
    sizes = [asked] * len(old) if asked is None or isinstance(asked, int) else list(asked)
    if len(sizes) != len(old):
        raise ValueError(f"{name} must be one value or {len(old)}, got {asked}")
    return tuple(own if size is None or size <= 0 else int(size) for size, own in zip(sizes, old, strict=True))


def _listed(values: float | Sequence[float] | None) -> list[float]:
    return [] if values is None else list(values) if isinstance(values, Sequence) else [values]
