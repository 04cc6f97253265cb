"""Overlapping windows, blended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

_MODES = ("constant", "gaussian")
_LEAST_WEIGHT = 1e-3
_PADDINGS = ("constant", "reflect", "replicate", "circular")


class SlidingWindowInferer:
    """Apply a network to windows of an image and put the results together, weighted.

    Windows step by `int(roi * (1 - overlap))`; the last one moves back to end with the image. An image smaller than the
    window is padded on both sides, and the padding is cut off again. Source: Isensee et al., nnU-Net, 2021.

    Args:
        roi_size: Size of the window in voxels; None or a number <= 0 stands for the whole axis.
        sw_batch_size: Windows that the network gets at once.
        overlap: Share of a window that the next one covers too, 0 <= overlap < 1.
        mode: Weight of a window's voxels: `constant`, or `gaussian` (the centre counts more).
        sigma_scale: Standard deviation of the Gaussian, as a share of the window.
        padding_mode: How to pad a small image: `constant`, `reflect`, `replicate` or `circular`.
        cval: Value of constant padding.

    Shape:
        [B, C, *S] -> [B, K, *S]

    Raises:
        ValueError: A number out of its range, or an unknown mode.
    """

    def __init__(
        self,
        roi_size: Sequence[int | None],
        sw_batch_size: int = 1,
        overlap: float = 0.25,
        mode: str = "constant",
        sigma_scale: float = 0.125,
        *,
        padding_mode: str = "constant",
        cval: float = 0.0,
    ) -> None:
        if not 0 <= overlap < 1:
            raise ValueError(f"overlap must be >= 0 and < 1, got {overlap}")
        if mode not in _MODES:
            raise ValueError(f"mode must be one of {', '.join(_MODES)}, got '{mode}'")
        if padding_mode not in _PADDINGS:
            raise ValueError(f"padding_mode must be one of {', '.join(_PADDINGS)}, got '{padding_mode}'")
        if sw_batch_size < 1:
            raise ValueError(f"sw_batch_size must be >= 1, got {sw_batch_size}")
        self.roi_size = tuple(roi_size)
        self.sw_batch_size, self.overlap, self.mode, self.sigma_scale = sw_batch_size, overlap, mode, sigma_scale
        self.padding_mode, self.cval = padding_mode, cval

    def __call__(self, network: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
        """The network's result for the whole of each image."""
        if images.ndim - 2 != len(self.roi_size):
            raise ValueError(f"roi_size must have {images.ndim - 2} values, got {self.roi_size}")
        size = images.shape[2:]
        roi = tuple(
            wanted if wanted and wanted > 0 else whole for wanted, whole in zip(self.roi_size, size, strict=True)
        )
        padded, before = self._padded(images, roi)
        result = self._blended(network, padded, roi)
        inside = tuple(slice(start, start + length) for start, length in zip(before, size, strict=True))
        return result[(slice(None), slice(None), *inside)]

    def _padded(self, images: Tensor, roi: tuple[int, ...]) -> tuple[Tensor, list[int]]:
        missing = [max(wanted - length, 0) for wanted, length in zip(roi, images.shape[2:], strict=True)]
        before = [count // 2 for count in missing]
        if not any(missing):
            return images, before
        pads = [
            part
            for start, count in zip(reversed(before), reversed(missing), strict=True)
            for part in (start, count - start)
        ]
        if self.padding_mode == "constant":
            return functional.pad(images, pads, value=self.cval), before
        return functional.pad(images, pads, mode=self.padding_mode), before

    def _blended(self, network: Callable[[Tensor], Tensor], images: Tensor, roi: tuple[int, ...]) -> Tensor:
        weight = importance(roi, self.mode, self.sigma_scale).to(images.device)
        total: Tensor | None = None
        weights = images.new_zeros(images.shape[2:], dtype=weight.dtype)
        for places in self._groups(images, roi):
            windows = torch.stack([images[item][_of_all_channels(window)] for item, window in places])
            scores = _applied(network, windows)
            if total is None:
                total = scores.new_zeros((images.shape[0], scores.shape[1], *images.shape[2:]), dtype=weight.dtype)
            for (item, window), score in zip(places, scores, strict=True):
                total[item][_of_all_channels(window)].addcmul_(score.to(weight.dtype), weight)
                if item == 0:
                    weights[window] += weight
        if total is None:
            raise ValueError(f"images must have at least one item, got {tuple(images.shape)}")
        return total.div_(weights)

    def _groups(self, images: Tensor, roi: tuple[int, ...]) -> Iterator[list[tuple[int, tuple[slice, ...]]]]:
        """Item and window of each place, so many at a time as the network gets."""
        corners = product(*window_starts(tuple(images.shape[2:]), roi, self.overlap))
        windows = [tuple(slice(s, s + r) for s, r in zip(corner, roi, strict=True)) for corner in corners]
        places = [(item, window) for item in range(images.shape[0]) for window in windows]
        for first in range(0, len(places), self.sw_batch_size):
            yield places[first : first + self.sw_batch_size]


def _of_all_channels(window: tuple[slice, ...]) -> tuple[slice, ...]:
    return (slice(None), *window)


def _applied(network: Callable[[Tensor], Tensor], windows: Tensor) -> Tensor:
    """The network's result. On a CPU never for one 3-D window: torch's convolution for one is 4 to 7 times slower."""
    if windows.shape[0] > 1 or windows.device.type != "cpu" or windows.ndim < 5:
        return network(windows)
    return network(torch.cat([windows, windows]))[:1]


@lru_cache(maxsize=64)
def window_starts(size: tuple[int, ...], roi: tuple[int, ...], overlap: float) -> tuple[tuple[int, ...], ...]:
    """Where windows begin, along each axis."""
    starts = []
    for length, width in zip(size, roi, strict=True):
        step = width if width == length else max(int(width * (1 - overlap)), 1)
        count = max(-(-(length - width) // step), 0) + 1
        starts.append(tuple(min(index * step, length - width) for index in range(count)))
    return tuple(starts)


@lru_cache(maxsize=16)
def importance(roi: tuple[int, ...], mode: str, sigma_scale: float) -> Tensor:
    """The weight of each voxel of a window, > 0: [*roi]."""
    weight = torch.ones(roi)
    if mode == "gaussian":
        for axis, width in enumerate(roi):
            places = torch.arange(width, dtype=torch.float32) - (width - 1) / 2
            profile = torch.exp(-0.5 * (places / (sigma_scale * width)).square())
            weight = weight * profile.view([-1 if one == axis else 1 for one in range(len(roi))])
        weight = weight.clamp(min=_LEAST_WEIGHT)
    return weight
