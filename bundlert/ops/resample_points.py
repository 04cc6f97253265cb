"""Resampling with own coordinates for each output voxel, for maps that run askew."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from bundlert.ops.resample_axes import TIE_VOXELS, Matrix, interpolated_dtype

_SLAB_VOXELS = 1 << 21  # coordinates of so many voxels at a time: 50 MB in three dimensions


def resample_points(
    data: Tensor, matrix: Matrix, shape: tuple[int, ...], *, linear: bool, fill: float | None
) -> Tensor:
    """Resample by any affine matrix of two or three dimensions; see `resample_affine`."""
    source = data.to(interpolated_dtype(data)) if linear else data.reshape(data.shape[0], -1)
    sizes = tuple(data.shape[1:])
    rows = max(1, _SLAB_VOXELS // max(1, torch.Size(shape[1:]).numel()))
    slabs = []
    for first in range(0, shape[0], rows):
        places = _places(matrix, (first, *[0] * (len(shape) - 1)), (min(rows, shape[0] - first), *shape[1:]), data)
        slab = _linear(source, places, sizes) if linear else _nearest(source, places, sizes)
        slabs.append(slab if fill is None else slab.masked_fill(_outside(places, sizes), fill))
    return torch.cat(slabs, dim=1)


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
