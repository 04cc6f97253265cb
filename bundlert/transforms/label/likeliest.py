"""The likeliest class of each voxel, resampled only where it can be another than the first.

Interpolation mixes values by weights that aren't negative, the same in all channels: where the first channel is nowhere
smaller than another, it isn't in between either. Masks are small, so this leaves little to resample; and what is left
out is exactly what would have come out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from bundlert.transforms.crop.foreground import foreground_box
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image, Wanted


def likeliest(image: Image) -> Image:
    """The index [1, *S] (uint8) of the largest channel, on the grid that is wished for; of equal ones the first."""
    wanted = image.wanted
    if wanted is None or wanted.bend is not None or wanted.padding in ("border", "reflection"):
        return _largest(realize(image))
    labels = torch.zeros((1, *wanted.grid.shape), dtype=torch.uint8, device=image.data.device)
    box = _box(image, wanted)
    if box is not None:
        start, size = [low for low, _ in box], [high - low for low, high in box]
        part = realize(replace(image, wanted=replace(wanted, grid=wanted.grid.cropped(start, size))))
        labels[(slice(None), *(slice(*ends) for ends in box))] = _largest(part).data
    return replace(image, data=labels, grid=wanted.grid, wanted=None)


def _largest(image: Image) -> Image:
    return image.with_data(image.data.argmax(dim=0, keepdim=True).to(torch.uint8))


def _box(image: Image, wanted: Wanted) -> list[tuple[int, int]] | None:
    """From where to where along each axis of the wanted grid the class may be another than the first."""
    found = foreground_box(_others(image.data), 0)
    if found is None:
        return None
    reach = np.array([(first - 1, last + 1) for first, last in found])  # so far a voxel has its part in others
    corners = np.stack(np.meshgrid(*reach, indexing="ij")).reshape(len(reach), -1)
    matrix = wanted.grid.matrix_to(image.grid)
    places = matrix[:-1, :-1] @ corners + matrix[:-1, -1:]
    low = np.maximum(np.floor(places.min(axis=1)), 0).astype(int)
    high = np.minimum(np.ceil(places.max(axis=1)) + 1, wanted.grid.shape).astype(int)
    return None if (low >= high).any() else list(zip(low.tolist(), high.tolist(), strict=True))


def _others(data: Tensor) -> Tensor:
    """[1, *S], 1 where the first channel isn't the largest; where there is no number, too."""
    found = torch.zeros_like(data[0], dtype=torch.bool)
    for channel in data[1:]:
        found |= ~(channel <= data[0])
    return found.to(torch.uint8)[None]
