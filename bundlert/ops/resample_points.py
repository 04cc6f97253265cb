"""Resampling with own coordinates for each output voxel, for maps that run askew or are bent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from bundlert.ops.resample_axes import TIE_VOXELS, Matrix, Outside, interpolated_dtype

_SLAB_VOXELS = 1 << 18  # coordinates of so many voxels at a time, so that their memory is used again: 6 MB in 3-D


def resample_points(data: Tensor, matrix: Matrix, shape: tuple[int, ...], *, linear: bool, outside: Outside) -> Tensor:
    """Resample by any affine matrix of two or three dimensions; see `resample_affine`."""
    return _sampled(data, shape, lambda start, part: _places(matrix, start, part, data), linear, outside)


def resample_bent(
    data: Tensor,
    matrix: Matrix,
    shape: tuple[int, ...],
    *,
    offsets: Tensor,
    bent: tuple[int, ...],
    into: Matrix,
    linear: bool,
    outside: Outside,
) -> Tensor:
    """Resample by an affine map through a grid that is bent: `p = into @ output`, then `matrix @ (p + offset(p))`.

    Args:
        data: [C, *S] in two or three dimensions.
        matrix: From an index of the bent grid to an input index.
        shape: Output size along each axis.
        offsets: [n, *M] voxels of the bent grid, at control points spread evenly from its first to its last voxel;
            between them offsets are interpolated linearly, beyond them the outermost hold.
        bent: The shape of the bent grid.
        into: From an output index to an index of the bent grid.
        linear: Whether to interpolate the voxels; the nearest one otherwise.
        outside: What lies outside of the input.

    Returns:
        [C, *shape]
    """

    def places(start: tuple[int, ...], part: tuple[int, ...]) -> list[Tensor]:
        inner = _places(into, start, part, data)
        unit = [2 * place / max(size - 1, 1) - 1 for place, size in zip(inner, bent, strict=True)]
        grid = torch.stack(unit[::-1], dim=-1)[None]
        moved = grid_sample(offsets[None].to(grid), grid, "bilinear", "border", align_corners=True)[0]
        return _mapped(matrix, [place + offset for place, offset in zip(inner, moved, strict=True)])

    return _sampled(data, shape, places, linear, outside)


def _sampled(
    data: Tensor,
    shape: tuple[int, ...],
    places_of: Callable[[tuple[int, ...], tuple[int, ...]], list[Tensor]],
    linear: bool,
    outside: Outside,
) -> Tensor:
    """[C, *shape] where `places_of` gives the input coordinates of a slab by its start and shape."""
    source = data.to(interpolated_dtype(data)) if linear else data.reshape(data.shape[0], -1)
    sizes = tuple(data.shape[1:])
    slabs = []
    for start, part in _slabs(shape):
        places = places_of(start, part)
        if outside == "reflection":
            places = [_reflected(place, size) for place, size in zip(places, sizes, strict=True)]
        slab = _linear(source, places, sizes) if linear else _nearest(source, places, sizes)
        slabs.append(slab if isinstance(outside, str) else slab.masked_fill(_outside(places, sizes), outside))
    return torch.cat(slabs, dim=1)


def _slabs(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    rows = max(1, _SLAB_VOXELS // max(1, torch.Size(shape[1:]).numel()))
    for first in range(0, shape[0], rows):
        yield (first, *[0] * (len(shape) - 1)), (min(rows, shape[0] - first), *shape[1:])


def _places(matrix: Matrix, start: tuple[int, ...], shape: tuple[int, ...], data: Tensor) -> list[Tensor]:
    """The input coordinate along each input axis, each [*shape], in float64."""
    places = []
    for row in matrix[:-1]:
        place = torch.full(shape, row[-1], dtype=torch.float64, device=data.device)
        for axis, size in enumerate(shape):
            steps = torch.arange(start[axis], start[axis] + size, dtype=torch.float64, device=data.device)
            place += (steps * row[axis]).view(-1, *[1] * (len(shape) - 1 - axis))
        places.append(place)
    return places


def _mapped(matrix: Matrix, places: list[Tensor]) -> list[Tensor]:
    """Coordinates mapped by a matrix."""
    return [
        sum((place * float(factor) for place, factor in zip(places, row[:-1], strict=True)), torch.tensor(row[-1]))
        for row in matrix[:-1]
    ]


def _linear(data: Tensor, places: list[Tensor], sizes: tuple[int, ...]) -> Tensor:
    """[C, *S] at the places, [C, *slab]."""
    # grid_sample counts from -1 to 1 over the whole cells, last axis first
    scaled = [(2 * place + 1) / size - 1 for place, size in zip(places, sizes, strict=True)]
    grid = torch.stack(scaled[::-1], dim=-1).to(data.dtype)
    return grid_sample(data[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False)[0]


def _nearest(data: Tensor, places: list[Tensor], sizes: tuple[int, ...]) -> Tensor:
    """[C, voxels] at the places, [C, *slab]."""
    index = torch.zeros_like(places[0], dtype=torch.int64)
    for place, size in zip(places, sizes, strict=True):
        index = index * size + (place + (0.5 + TIE_VOXELS)).floor().clamp(0, size - 1).to(torch.int64)
    return data[:, index]


def _outside(places: list[Tensor], sizes: tuple[int, ...]) -> Tensor:
    """[*slab]: whether a place lies beyond the outermost cells."""
    found = torch.zeros_like(places[0], dtype=torch.bool)
    for place, size in zip(places, sizes, strict=True):
        found |= (place < -0.5 - TIE_VOXELS) | (place > size - 0.5 + TIE_VOXELS)
    return found


def _reflected(place: Tensor, size: int) -> Tensor:
    """A coordinate mirrored at the outermost faces of an axis."""
    inside = (place + 0.5).remainder(2 * size)
    return torch.minimum(inside, 2 * size - inside) - 0.5
