"""ClipIntensityPercentiles: nothing beyond two percentiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.intensity.clip import softly_clipped
from bundlert.transforms.intensity.percentiles import check_percents, percentiles
from bundlert.transforms.intensity.voxels import in_parts
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image


class ClipIntensityPercentiles(Transform):
    """Make values beyond two percentiles of an image become the percentiles, as float32. NaN stays NaN.

    Percentiles are interpolated linearly, as numpy does. Values that aren't finite don't count.

    Args:
        keys: Images to clip.
        lower: The lower percentile, in 0..100; null for none.
        upper: The upper percentile; null for none.
        sharpness_factor: Bend softly towards the ends instead of cutting, the harder the greater it is.
        channel_wise: Whether each channel has its own percentiles.

    Raises:
        ValueError: No percentile is given, they aren't percents in order, or `sharpness_factor` isn't above 0.
    """

    def __init__(
        self,
        keys: Keys,
        lower: float | None = None,
        upper: float | None = None,
        sharpness_factor: float | None = None,
        channel_wise: bool = False,
    ) -> None:
        super().__init__(keys)
        if lower is None and upper is None:
            raise ValueError(f"lower or upper must be given, got {lower} and {upper}")
        check_percents(("lower", lower), ("upper", upper))
        if sharpness_factor is not None and sharpness_factor <= 0:
            raise ValueError(f"sharpness_factor must be > 0, got {sharpness_factor}")
        self.lower, self.upper = lower, upper
        self.sharpness, self.channel_wise = sharpness_factor, channel_wise

    def apply(self, image: Image) -> Image:
        """Clip the voxels."""
        image = realize(image)
        return image.with_data(in_parts(image.data, self.channel_wise, self._clipped))

    def _clipped(self, data: Tensor) -> Tensor:
        found = iter(percentiles(data, [one for one in (self.lower, self.upper) if one is not None]))
        low = None if self.lower is None else next(found)
        high = None if self.upper is None else next(found)
        data = data.to(torch.float32)
        return data.clamp(low, high) if self.sharpness is None else softly_clipped(data, low, high, self.sharpness)
