"""Otsu's threshold: two classes of values that differ most from each other."""

from __future__ import annotations

import torch
from torch import Tensor

from bundlert.transforms.intensity.spread import extremes

_BINS = 256
_INTEGERS_AT_MOST = 1 << 16
_EQUAL = 1e-12  # differences of float64 that are rounding


def otsu_threshold(data: Tensor) -> float:
    """The threshold that separates values up to it from those above it best, by the variance between both classes.

    N. Otsu, "A threshold selection method from gray-level histograms", 1979. Integers of a small range are counted one
    by one, other values in 256 bins, whose centres stand for them. Values that aren't finite don't count; the threshold
    of a constant is the constant.

    Args:
        data: Values of any shape and dtype.
    """
    if data.dtype.is_floating_point or data.dtype == torch.bool:
        data = data.to(torch.float32)
    low, high = extremes(data)
    if low == high:
        return low
    whole = not data.dtype.is_floating_point and high - low < _INTEGERS_AT_MOST
    bins = int(high - low) + 1 if whole else _BINS
    width = 1.0 if whole else (high - low) / bins
    values = data[data.isfinite()]
    index = (
        values.to(torch.int64) - int(low) if whole else ((values - low) / width).to(torch.int64).clamp_(max=bins - 1)
    )
    counts = torch.bincount(index, minlength=bins).to(torch.float64).cpu()
    centres = low + width * (torch.arange(bins, dtype=torch.float64) + (0 if whole else 0.5))
    return centres[_best_split(counts, centres)].item()


def _best_split(counts: Tensor, centres: Tensor) -> int:
    """The last bin of the lower class; the first of equally good ones."""
    below, total = counts.cumsum(0), (counts * centres).cumsum(0)
    above = below[-1] - below
    mean_below, mean_above = total / below, (total[-1] - total) / above
    between = (below * above * (mean_below - mean_above) ** 2)[:-1].nan_to_num(0.0)
    return int((between >= between.max() * (1 - _EQUAL)).to(torch.uint8).argmax())
