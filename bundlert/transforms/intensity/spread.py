"""Least, greatest, mean and deviation of voxels. Those that aren't finite never count."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from bundlert.transforms.intensity.voxels import in_memory_order

_LEAST_STD = torch.finfo(torch.float32).tiny
_ROUNDING = 1e-5  # deviations below this part of the mean may be nothing but its rounding
_SAFE_LENGTH = 1e-15


def extremes(data: Tensor) -> tuple[float, float]:
    """The least and the greatest finite value; 0 and 0 where there is none."""
    if data.numel() == 0:
        return 0.0, 0.0
    low, high = (end.item() for end in in_memory_order(data).aminmax())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    return extremes(data[data.isfinite()])


def is_finite(data: Tensor) -> bool:
    """Whether all values are."""
    return data.numel() == 0 or all(bool(end.isfinite()) for end in in_memory_order(data).aminmax())


def mean_and_std(data: Tensor, mask: Tensor | None = None) -> tuple[float, float]:
    """Mean and standard deviation (of the voxels, not of a sample) of the finite values; 0 and 0 where there is none.

    The deviation of a constant is exactly 0, and so is one that float32 can't divide by.

    Args:
        data: Voxels, float32.
        mask: Which of them count, if not all.
    """
    return centred(data, mask)[1:]


def centred(data: Tensor, mask: Tensor | None = None) -> tuple[Tensor, float, float]:
    """Voxels minus their mean as a new tensor, with mean and deviation: see `mean_and_std`."""
    if not is_finite(data):
        finite = data.isfinite()
        _, mean, std = centred(data.where(finite, 0), finite if mask is None else finite & mask)
        return data - mean, mean, std
    count = data.numel() if mask is None else int(mask.count_nonzero())
    if count == 0:
        return data.clone(), 0.0, 0.0
    mean = _mean(data if mask is None else data.where(mask, 0), count)
    off = data - mean
    counted = off if mask is None else off.where(mask, 0)
    std = _length(counted) / math.sqrt(count)
    if std <= _ROUNDING * abs(mean) and _is_constant(data, mask):
        return off.zero_() if mask is None else off.masked_fill_(mask, 0), mean, 0.0
    return off, mean, std if std >= _LEAST_STD else 0.0


def _mean(counted: Tensor, count: int) -> float:
    total = counted.sum().item()
    return (total if math.isfinite(total) else counted.sum(dtype=torch.float64).item()) / count


def _length(counted: Tensor) -> float:
    """The root of the sum of squares: float32 along one axis, float64 along the others.

    All is in float64 where squares may be too great or too small for float32.
    """
    rows = torch.linalg.vector_norm(in_memory_order(counted), dim=-1)
    length = float(torch.linalg.vector_norm(rows, dtype=torch.float64).item())
    if _SAFE_LENGTH < length < 1 / _SAFE_LENGTH:
        return length
    return float(torch.linalg.vector_norm(counted, dtype=torch.float64).item())


def _is_constant(data: Tensor, mask: Tensor | None) -> bool:
    low, high = (data if mask is None else data[mask]).aminmax()
    return bool(low == high)
