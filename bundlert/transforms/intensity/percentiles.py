"""Percentiles of voxels, exact and without sorting: values are counted by the upper half of their bits, then the lower.

Integers of a small range are counted as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from bundlert.transforms.intensity.spread import is_finite
from bundlert.transforms.intensity.voxels import in_memory_order

_HALF = 16  # bits counted at once
_BINS = 1 << _HALF
_COUNTED_AT_MOST = 1 << 20  # different integers


def percentiles(data: Tensor, percents: Sequence[float]) -> list[float]:
    """The values below which so many percent of the voxels lie, interpolated linearly between two voxels.

    Voxels that aren't finite don't count; where there are no others, all percentiles are 0. Floats are seen as float32.

    Args:
        data: Voxels of any shape and dtype.
        percents: Each in 0..100.
    """
    values = in_memory_order(data).flatten()
    if values.dtype.is_floating_point:
        values = values.to(torch.float32)
        if not is_finite(values):
            values = values[values.isfinite()]
    if len(values) == 0:
        return [0.0] * len(percents)
    ranked = _ranked(values)
    return [_between(ranked, percent / 100 * (len(values) - 1), len(values) - 1) for percent in percents]


def check_percents(*named: tuple[str, float | None]) -> None:
    """Make sure that all are percents, and each greater than the one before; None is left out.

    Raises:
        ValueError: They aren't.
    """
    given = [(name, value) for name, value in named if value is not None]
    values = [value for _, value in given]
    if values != sorted(set(values)) or not all(0 <= value <= 100 for value in values):
        names, shown = (" and ".join(str(one) for one in part) for part in zip(*given, strict=True))
        raise ValueError(f"{names} must lie in 0..100, the lower one first, got {shown}")


class _Ranked(Protocol):
    """Values by their place in order."""

    def at(self, rank: int) -> float:
        """The value with so many before it."""


def _ranked(values: Tensor) -> _Ranked:
    if values.dtype.is_floating_point:
        return _Floats(values)
    values = values.to(torch.int32 if values.dtype != torch.int64 else torch.int64)
    low, high = (int(end) for end in values.aminmax())
    return _Integers(values, low) if high - low < _COUNTED_AT_MOST else _Floats(values.to(torch.float32))


def _between(ranked: _Ranked, place: float, last: int) -> float:
    rank = int(place)
    below = ranked.at(rank)
    above = ranked.at(min(rank + 1, last)) if place > rank else below
    return below + (above - below) * (place - rank)


class _Counts:
    """How many values are in each of some bins, and which bin has the value of a rank."""

    def __init__(self, bins: Tensor, most: int = 0) -> None:
        self.upto = torch.bincount(bins, minlength=most).cumsum(0)

    def place(self, rank: int) -> tuple[int, int]:
        """The bin, and the rank inside it."""
        index = int(torch.searchsorted(self.upto, torch.tensor(rank, device=self.upto.device), right=True))
        return index, rank - (int(self.upto[index - 1]) if index else 0)


class _Integers:
    def __init__(self, values: Tensor, low: int) -> None:
        self.low, self.counts = low, _Counts(values - low)

    def at(self, rank: int) -> float:
        return float(self.counts.place(rank)[0] + self.low)


class _Floats:
    """Floats by the order of their bits: those of a float32 count up as it does, those of negative ones turned over."""

    def __init__(self, values: Tensor) -> None:
        self.values = values.contiguous()
        self.upper = self.values.view(torch.int16)[1::2].clone(memory_format=torch.contiguous_format)  # the upper half
        self.upper ^= (self.upper >> (_HALF - 1)).bitwise_and_(_BINS // 2 - 1)
        self.counts = _Counts(self.upper.to(torch.int32).add_(_BINS // 2), _BINS)
        self.lower: dict[int, _Counts] = {}

    def at(self, rank: int) -> float:
        index, inside = self.counts.place(rank)
        if index not in self.lower:
            bits = self.values[self.upper == index - _BINS // 2].view(torch.int32)
            self.lower[index] = _Counts(bits & (_BINS - 1) if index >= _BINS // 2 else ~bits & (_BINS - 1), _BINS)
        key = ((index - _BINS // 2) << _HALF) | self.lower[index].place(inside)[0]
        return torch.tensor(key if key >= 0 else key ^ 0x7FFFFFFF, dtype=torch.int32).view(torch.float32).item()
