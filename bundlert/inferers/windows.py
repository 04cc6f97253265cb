"""Where windows stand in an image, and how much each of their voxels counts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

_LEAST_WEIGHT = 1e-3
_T = TypeVar("_T")
Sizes = tuple[int, ...]


class Layout(NamedTuple):
    """Windows of one image.

    Attributes:
        size: The image's size.
        roi: The size of a window.
        before: Voxels that padding puts before the image.
        padded: The size with padding on both sides.
        starts: Where windows begin along each axis of the padded image.
    """

    size: Sizes
    roi: Sizes
    before: Sizes
    padded: Sizes
    starts: tuple[Sizes, ...]


def layout_of(size: Sizes, roi: Sizes, overlap: tuple[float, ...], multiple: Sizes) -> Layout:
    """Windows that cover an image, padded where it is smaller than a window.

    Args:
        size: The image's size.
        roi: The size of a window.
        overlap: Share of a window that the next one covers too, along each axis.
        multiple: What starts must be multiples of, along each axis; more padding at the end makes them so.
    """
    before, padded = [], []
    for length, width, step in zip(size, roi, multiple, strict=True):
        before.append(max(width - length, 0) // 2 // step * step)
        longest = max(length, width)
        padded.append(longest + -(longest - width) % step)
    return Layout(size, roi, tuple(before), tuple(padded), window_starts(tuple(padded), roi, overlap, multiple))


@lru_cache(maxsize=64)
def window_starts(
    size: Sizes, roi: Sizes, overlap: float | tuple[float, ...], multiple: Sizes | None = None
) -> tuple[Sizes, ...]:
    """Where windows begin, along each axis: every `int(roi * (1 - overlap))`, the last ends with the image."""
    shares, steps = per_axis(overlap, len(size), "overlap"), multiple or (1,) * len(size)
    starts = []
    for length, width, share, least in zip(size, roi, shares, steps, strict=True):
        step = width if width == length else max(int(width * (1 - share)) // least * least, least)
        count = max(-(-(length - width) // step), 0) + 1
        starts.append(tuple(min(index * step, length - width) for index in range(count)))
    return tuple(starts)


def per_axis(value: _T | Sequence[_T], dims: int, name: str) -> tuple[_T, ...]:
    """A value for each axis, of one for all or one each.

    Raises:
        ValueError: Another number of values.
    """
    values = tuple(value) if isinstance(value, Sequence) else (value,) * dims
    if len(values) != dims:
        raise ValueError(f"{name} must have {dims} values, got {values}")
    return values


def padded_image(images: Tensor, layout: Layout, mode: str, value: float) -> Tensor:
    """[B, C, *size] -> [B, C, *padded]; the images themselves where nothing is missing."""
    if layout.size == layout.padded:
        return images
    pads = []
    for before, length, whole in zip(*(reversed(part) for part in (layout.before, layout.size, layout.padded))):  # noqa: B905
        pads += [before, whole - length - before]
    if mode == "constant":
        return functional.pad(images, pads, value=value)
    return functional.pad(images, pads, mode=mode)


@lru_cache(maxsize=16)
@torch.inference_mode(mode=False)  # it is kept, and may be used where there are gradients later
def importance(roi: Sizes, mode: str, sigma_scale: float | tuple[float, ...]) -> Tensor:
    """The weight of each voxel of a window, > 0: [*roi]."""
    weight = torch.ones(roi)
    if mode == "gaussian":
        for axis, (width, share) in enumerate(zip(roi, per_axis(sigma_scale, len(roi), "sigma_scale"), strict=True)):
            places = torch.arange(width, dtype=torch.float32) - (width - 1) / 2
            profile = torch.exp(-0.5 * (places / (share * width)).square())
            weight.mul_(profile.view([-1 if one == axis else 1 for one in range(len(roi))]))
        weight.clamp_(min=_LEAST_WEIGHT)
    return weight


def weight_sums(weight: Tensor, starts: tuple[Sizes, ...], size: Sizes, first: int, last: int) -> Tensor:
    """The sum of all windows' weights, for planes `first` to `last` of the first axis: [last - first, *size[1:]].

    Putting windows side by side goes axis by axis, whatever the weight is, so each axis costs a few additions.
    """
    planes = weight.new_zeros((last - first, *weight.shape[1:]))
    for start in starts[0]:
        begin, end = max(start, first), min(start + weight.shape[0], last)
        if begin < end:
            planes[begin - first : end - first] += weight[begin - start : end - start]
    for axis in range(1, len(size)):
        spread = planes.new_zeros((*planes.shape[:axis], size[axis], *planes.shape[axis + 1 :]))
        for start in starts[axis]:
            spread.narrow(axis, start, weight.shape[axis]).add_(planes)
        planes = spread
    return planes
