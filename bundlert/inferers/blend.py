"""Windows' results added up to one result for the whole, in place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import gcd, prod
from typing import NamedTuple

import torch
from torch import Tensor

from bundlert.inferers.windows import Layout, Sizes, importance, weight_sums
from bundlert.progress import say

_VALUES_AT_ONCE = 1 << 20


class Weighting(NamedTuple):
    """How windows are weighted, and where their sum is kept.

    Attributes:
        mode: `constant` or `gaussian`.
        sigma_scale: Standard deviation of the Gaussian, as a share of the window.
        device: Where the sum is; `None` for where the images are.
        cached: Whether the weights' sum is kept for the next image of the same size.
    """

    mode: str
    sigma_scale: float | tuple[float, ...]
    device: torch.device | None
    cached: bool


class MisalignedError(ValueError):
    """Windows begin between the voxels of a coarser output.

    Attributes:
        multiple: What starts must be multiples of, along each axis.
    """

    def __init__(self, multiple: Sizes) -> None:
        super().__init__(f"windows must begin at multiples of {multiple} voxels")
        self.multiple = multiple


def alignment(scores: Iterable[Tensor], layout: Layout) -> Sizes:
    """What windows must begin at multiples of, so that they begin with a voxel of every output.

    Raises:
        ValueError: An output isn't [B, K, *S].
    """
    steps = [1] * len(layout.roi)
    for one in scores:
        if one.ndim != len(layout.roi) + 2:
            axes = ", ".join("XYZ"[: len(layout.roi)])
            raise ValueError(f"a network must give [B, K, {axes}] for a window, got {tuple(one.shape)}")
        for axis, (width, out) in enumerate(zip(layout.roi, one.shape[2:], strict=True)):
            step = width // gcd(width, out)
            steps[axis] = steps[axis] * step // gcd(steps[axis], step)
    return tuple(steps)


class Blend:
    """The weighted sum of one output's windows, at the output's own resolution.

    Args:
        items: How many images.
        scores: The first windows' result, [N, K, *R].
        layout: The windows.
        weighting: How they count.
        device: Where the images are.
    """

    def __init__(self, items: int, scores: Tensor, layout: Layout, weighting: Weighting, device: torch.device) -> None:
        self._layout, self._weighting = layout, weighting
        self._window = tuple(scores.shape[2:])
        self._size = self._scaled(layout.padded)
        dtype = torch.promote_types(scores.dtype, torch.float32)
        self._total = _zeros((items, scores.shape[1], *self._size), dtype, device, weighting.device)
        weight = importance(self._window, weighting.mode, weighting.sigma_scale)
        self._weight = weight.to(self._total.device, dtype)

    def add(self, item: int, corner: Sizes, scores: Tensor) -> None:
        """Add one window's result, [K, *R], that begins at `corner` of the padded image."""
        begin = self._scaled(corner)
        window = tuple(slice(start, start + width) for start, width in zip(begin, self._window, strict=True))
        self._total[item][(slice(None), *window)].addcmul_(scores, self._weight)

    def placed(self, scores: Tensor) -> Tensor:
        """Windows' results where the sum is, in its type."""
        return scores.to(self._total.device, self._total.dtype)

    def finished(self) -> Tensor:
        """The weighted mean for the images without their padding, [B, K, *S]."""
        starts = self._scaled_starts()
        if self._weighting.cached:
            self._total.div_(_kept_sums(self._window, self._size, starts, self._weighting).to(self._weight))
        else:
            self._divide(starts)
        begin, size = self._scaled(self._layout.before), self._scaled(self._layout.size, up=True)
        inside = tuple(slice(start, start + length) for start, length in zip(begin, size, strict=True))
        return self._total[(slice(None), slice(None), *inside)]

    def _divide(self, starts: tuple[Sizes, ...]) -> None:
        """By the weights' sum, which is made for a few planes at a time, so that it takes no memory."""
        step = max(_VALUES_AT_ONCE // prod(self._size[1:]), 1)
        for first in range(0, self._size[0], step):
            last = min(first + step, self._size[0])
            self._total[:, :, first:last].div_(weight_sums(self._weight, starts, self._size, first, last))

    def _scaled_starts(self) -> tuple[Sizes, ...]:
        pairs = zip(self._layout.starts, self._window, self._layout.roi, strict=True)
        return tuple(tuple(start * out // width for start in starts) for starts, out, width in pairs)

    def _scaled(self, places: Sizes, *, up: bool = False) -> Sizes:
        """Places of the image as places of the output; a part of a voxel counts as one if `up`."""
        triples = zip(places, self._window, self._layout.roi, strict=True)
        return tuple((place * out + (width - 1) * up) // width for place, out, width in triples)


def _zeros(shape: Sizes, dtype: torch.dtype, images: torch.device, wanted: torch.device | None) -> Tensor:
    """Zeros where they are wanted; beside the images if nobody says, or on the CPU if there is no room."""
    try:
        return torch.zeros(shape, dtype=dtype, device=wanted or images)
    except torch.OutOfMemoryError:
        if wanted is not None:
            raise
        say(f"the result, {list(shape)}, doesn't fit on {images}: it is kept on the CPU")
        return torch.zeros(shape, dtype=dtype)


@lru_cache(maxsize=4)
@torch.inference_mode(mode=False)
def _kept_sums(window: Sizes, size: Sizes, starts: tuple[Sizes, ...], weighting: Weighting) -> Tensor:
    weight = importance(window, weighting.mode, weighting.sigma_scale)
    return weight_sums(weight, starts, size, 0, size[0])
