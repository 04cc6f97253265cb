"""HistogramNormalize: every brightness as frequent as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Sample, as_keys, image_of, same_shape
from bundlert.transforms.intensity.spread import extremes, is_finite
from bundlert.transforms.intensity.voxels import in_memory_order, memory_order
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class HistogramNormalize:
    """Map values by their cumulated histogram, so that they spread evenly over `min`..`max`; float32.

    The cumulated counts, scaled to `min`..`max`, are the new values at the centres of the bins; between centres they
    are interpolated linearly, beyond the outermost they stay. A constant image becomes `min`. Values that aren't
    finite don't count; NaN stays NaN.

    Args:
        keys: Images to change; all channels share one histogram.
        num_bins: Bins between the least and the greatest value that count.
        min: The least new value.
        max: The greatest new value.
        mask_key: An image, of one channel or as many as the others; only voxels where it is above 0 count.

    Raises:
        ValueError: Fewer than 2 bins, or `min` is above `max`.
    """

    def __init__(
        self,
        keys: Keys,
        num_bins: int = 256,
        min: float = 0.0,  # noqa: A002 (the field's name)
        max: float = 255.0,  # noqa: A002
        mask_key: str | None = None,
    ) -> None:
        self.keys = as_keys(keys)
        if num_bins < 2:
            raise ValueError(f"num_bins must be >= 2, got {num_bins}")
        if min > max:
            raise ValueError(f"min must be <= max, got {min} and {max}")
        self.num_bins, self.min, self.max, self.mask_key = num_bins, min, max, mask_key

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the images changed.

        Raises:
            DataError: The mask differs in shape.
        """
        new, mask = dict(sample), None
        if self.mask_key is not None:
            same_shape(sample, (self.mask_key, *self.keys))
            mask = realize(image_of(sample, self.mask_key)).data > 0
        for key in self.keys:
            image = realize(image_of(sample, key))
            new[key] = image.with_data(self._changed(image.data.to(torch.float32), mask))
        return new

    def _changed(self, data: Tensor, mask: Tensor | None) -> Tensor:
        finite = None if is_finite(data) else data.isfinite()
        chosen = finite if mask is None else mask.expand_as(data) if finite is None else finite & mask
        low, high = extremes(data if chosen is None else data[chosen])
        if low == high:
            return torch.full_like(data, self.min).where(data.isnan().logical_not_(), data)
        last = self.num_bins - 1
        place = (data - low).div_(high - low).mul_(self.num_bins)
        counted = (place if chosen is None else place[chosen]).to(torch.int32).clamp_(0, last)
        upto = torch.bincount(in_memory_order(counted).flatten(), minlength=self.num_bins).cumsum(0)
        share = (upto - upto[0]).to(torch.float64) / (upto[-1] - upto[0])
        table = (share * (self.max - self.min) + self.min).to(torch.float32)
        return looked_up(table, place.sub_(0.5).clamp_(0, last))


def looked_up(table: Tensor, place: Tensor) -> Tensor:
    """Values of a table [n] at places 0..n - 1, interpolated linearly. NaN stays NaN; `place` is overwritten."""
    order = memory_order(place)
    turned = place.permute(order)
    flat = turned.reshape(-1)
    below = flat.to(torch.int32).clamp_(0, len(table) - 2)
    new = table.diff().index_select(0, below).mul_(flat.sub_(below)).add_(table.index_select(0, below))
    return new.view(turned.shape).permute([order.index(axis) for axis in range(place.ndim)])
