"""ScaleIntensityRangePercentiles: the range between two percentiles becomes [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.intensity.percentiles import check_percents, percentiles
from bundlert.transforms.intensity.voxels import in_parts
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image


class ScaleIntensityRangePercentiles(Transform):
    """Map the percentiles `lower`..`upper` of an image linearly to `b_min`..`b_max`, as float32.

    Percentiles are interpolated linearly, as numpy does. Where both are one value, it becomes `b_min`, and all else
    keeps its distance to it. Values that aren't finite don't count.

    Args:
        keys: Images to scale.
        lower: The percentile that becomes `b_min`, in 0..100.
        upper: The percentile that becomes `b_max`.
        b_min: The lower end.
        b_max: The upper end.
        clip: Whether values beyond the ends become the ends.
        relative: Whether the ends are the percentiles `lower` and `upper` of `b_min`..`b_max`, rather than these.
        channel_wise: Whether each channel has its own percentiles.

    Raises:
        ValueError: `lower` and `upper` aren't percents in order, or `b_min` is above `b_max`.
    """

    def __init__(
        self,
        keys: Keys,
        lower: float,
        upper: float,
        b_min: float = 0.0,
        b_max: float = 1.0,
        *,
        clip: bool = False,
        relative: bool = False,
        channel_wise: bool = False,
    ) -> None:
        super().__init__(keys)
        check_percents(("lower", lower), ("upper", upper))
        if b_min > b_max:
            raise ValueError(f"b_min must be <= b_max, got {b_min} and {b_max}")
        self.percents = (lower, upper)
        reach = b_max - b_min
        self.ends = (b_min + reach * lower / 100, b_min + reach * upper / 100) if relative else (b_min, b_max)
        self.clip, self.channel_wise = clip, channel_wise

    def apply(self, image: Image) -> Image:
        """Scale the voxels."""
        image = realize(image)
        return image.with_data(in_parts(image.data, self.channel_wise, self._scaled))

    def _scaled(self, data: Tensor) -> Tensor:
        (a_min, a_max), (b_min, b_max) = percentiles(data, self.percents), self.ends
        new = data.to(torch.float32, copy=True).sub_(a_min)
        if a_max > a_min:
            new.div_(a_max - a_min).mul_(b_max - b_min)
        new.add_(b_min)
        return new.clamp_(b_min, b_max) if self.clip else new
