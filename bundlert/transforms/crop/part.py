"""Cutting boxes out of images, or around them: what all crops and pads have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from bundlert.images.image import Image
from bundlert.transforms.lazy import leaves_out, realize, wish

BY_INDEX = ("reflect", "wrap")
"""Paddings that only whole voxels have, as `numpy.pad` defines them."""


def part(image: Image, start: Sequence[int], size: Sequence[int]) -> Image:
    """A box for now, a crop of chance for instance: a view where its voxels are there, else as in `boxed`, with zeros.

    A view shares the memory of the image, all of it: what is kept for long is better a copy, which `boxed` leads to
    where that spares half of it.
    """
    if image.wanted is None and _is_inside(image, start, size):
        box = tuple(slice(first, first + count) for first, count in zip(start, size, strict=True))
        return replace(image, data=image.data[(slice(None), *box)], grid=image.grid.cropped(start, size))
    return boxed(image, start, size)


def boxed(image: Image, start: Sequence[int], size: Sequence[int], padding: str | float = "zeros") -> Image:
    """A wish for the box of `size` voxels from `start`. Padding begins where the cells of the image's voxels end.

    Args:
        image: Any image. A pending one stays so, unless padding would bring back what an earlier step cut off.
        start: The first voxel along each axis; negative where the box begins before the image.
        size: Voxels along each axis.
        padding: What lies outside: `border`, `reflection`, `zeros` or a value; or `reflect` (mirrored at the centres
            of the outermost voxels) or `wrap`, for which the image is realized.
    """
    grid = image.target.cropped(start, size)
    if _is_inside(image, start, size):
        return wish(image, grid)
    if padding in BY_INDEX:
        return _by_index(realize(image), start, size, str(padding))
    return wish(_ready(image, padding), grid, padding=padding)


def start_about(centre: Sequence[int], size: Sequence[int], shape: Sequence[int]) -> list[int]:
    """Where a box begins that has `centre` at its voxel `size // 2`, moved so that it lies inside of `shape`.

    Where the box is larger than the image, the image lies in its middle, and an odd voxel behind it.
    """
    start = []
    for place, count, room in zip(centre, size, shape, strict=True):
        spare = room - count
        start.append(min(max(place - count // 2, 0), spare) if spare >= 0 else -(-spare // 2))
    return start


def start_amid(size: Sequence[int], shape: Sequence[int]) -> list[int]:
    """Where the box in the middle begins: its voxel `size // 2` is the image's voxel `shape // 2`."""
    return start_about([room // 2 for room in shape], size, shape)


def _is_inside(image: Image, start: Sequence[int], size: Sequence[int]) -> bool:
    return all(
        first >= 0 and first + count <= room for first, count, room in zip(start, size, image.shape, strict=True)
    )


def _ready(image: Image, padding: str | float) -> Image:
    """The image, realized where its wish and some padding around it can't be one wish."""
    wanted = image.wanted
    if wanted is None:
        return image
    hides = leaves_out(wanted.grid, image.grid)  # what was cut off would come back
    shows = wanted.padding not in (None, padding) and leaves_out(image.grid, wanted.grid)
    return realize(image) if hides or shows or wanted.bend else image


def _by_index(image: Image, start: Sequence[int], size: Sequence[int], padding: str) -> Image:
    data = image.data
    for axis, (first, count, room) in enumerate(zip(start, size, image.shape, strict=True)):
        before, behind = max(-first, 0), max(first + count - room, 0)
        around = np.pad(np.arange(room), (before, behind), mode="reflect" if padding == "reflect" else "wrap")
        indices = around[first + before : first + before + count]
        data = data.index_select(axis + 1, torch.from_numpy(indices).to(data.device))
    return replace(image, data=data, grid=image.grid.cropped(start, size))
