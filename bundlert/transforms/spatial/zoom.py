"""Zoom, RandZoom: larger or smaller about the centre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys, Params
from bundlert.transforms.spatial.moving import (
    GridTransform,
    Mode,
    Padding,
    RandomGridTransform,
    about_centre,
    one_per_axis,
)

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


class Zoom(GridTransform):
    """Show images larger (zoom > 1) or smaller.

    Args:
        keys: Images to zoom.
        zoom: The factor, one or one for each axis, > 0.
        keep_size: Whether the shape stays; else it becomes `floor(n * zoom)`.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.

    Raises:
        ValueError: A zoom <= 0.
    """

    def __init__(
        self,
        keys: Keys,
        zoom: float | Sequence[float],
        *,
        keep_size: bool = True,
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        super().__init__(keys, mode, padding_mode)
        if np.min(zoom) <= 0:
            raise ValueError(f"zoom must be > 0, got {zoom}")
        self.zoom, self.keep_size = zoom, keep_size

    def grid_of(self, grid: Grid) -> Grid:
        """The zoomed grid."""
        return _zoomed(grid, one_per_axis("zoom", self.zoom, len(grid.shape)), keep_size=self.keep_size)


class RandZoom(RandomGridTransform):
    """Zoom by a factor of chance, all images alike.

    Args:
        keys: Images to zoom.
        prob: How likely that is.
        min_zoom: The least factor, one for all axes together or one for each.
        max_zoom: The largest.
        keep_size: Whether the shape stays; else it becomes `floor(n * zoom)`.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.

    Raises:
        ValueError: A range that isn't one, or factors <= 0.
    """

    def __init__(
        self,
        keys: Keys,
        prob: float = 0.1,
        min_zoom: float | Sequence[float] = 0.9,
        max_zoom: float | Sequence[float] = 1.1,
        *,
        keep_size: bool = True,
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        super().__init__(keys, prob, mode, padding_mode)
        self.low, self.high = np.atleast_1d(min_zoom), np.atleast_1d(max_zoom)
        if self.low.shape != self.high.shape or (self.low > self.high).any() or self.low.min() <= 0:
            raise ValueError(f"min_zoom and max_zoom must be > 0 and form ranges, got {min_zoom} and {max_zoom}")
        self.keep_size = keep_size

    def choose(self, order: int, rng: np.random.Generator) -> Params:
        """Give the factor along each axis."""
        factors = rng.uniform(self.low, self.high).tolist()
        return {"zoom": factors * order if len(factors) == 1 else factors}

    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """The zoomed grid."""
        return _zoomed(grid, one_per_axis("zoom", params["zoom"], len(grid.shape)), keep_size=self.keep_size)


def _zoomed(grid: Grid, factors: Sequence[float], *, keep_size: bool) -> Grid:
    if keep_size:
        return about_centre(np.diag([1 / factor for factor in factors]), grid)
    shape = [max(1, int(size * factor)) for size, factor in zip(grid.shape, factors, strict=True)]
    return about_centre(np.diag([old / new for old, new in zip(grid.shape, shape, strict=True)]), grid, shape)
