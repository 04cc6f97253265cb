"""ProbNMS: the peaks of a probability map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from bundlert.ops.peaks import peaks
from bundlert.transforms.base import Keys, Sample, as_keys, image_of
from bundlert.transforms.intensity.gaussian import blurred, check_sigma
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from bundlert.images.image import Image


class ProbNMS:
    """Give the peaks of a probability map, highest first, each as [probability, index along each axis].

    The highest value is a peak; then the box around it counts as 0, and so on, as long as values are above the
    threshold. Of equal values the first in scan order is taken. NaN is no peak.

    Args:
        keys: Probability maps [1, *S].
        spatial_dims: The number of their axes.
        sigma: Standard deviation in voxels of a Gaussian blur before, one or one for each axis; 0 for none.
        prob_threshold: Peaks are above it.
        box_size: Voxels of the box along each axis, one or one for each: from c - box_size // 2 on.
        output_key: Where to put the list; at the key itself if not given.

    Raises:
        ValueError: A box has no voxel, `sigma` is negative, lists don't fit `spatial_dims`, or one `output_key` has
            several keys.
    """

    def __init__(
        self,
        keys: Keys,
        spatial_dims: int = 2,
        sigma: float | Sequence[float] = 0.0,
        prob_threshold: float = 0.5,
        box_size: int | Sequence[int] = 48,
        *,
        output_key: str | None = None,
    ) -> None:
        self.keys = as_keys(keys)
        if output_key is not None and len(self.keys) > 1:
            raise ValueError(f"output_key must be left out for several keys, got '{output_key}'")
        check_sigma("sigma", sigma, "erf")
        self.box = [box_size] * spatial_dims if isinstance(box_size, int) else list(box_size)
        if len(self.box) != spatial_dims or min(self.box) < 1:
            raise ValueError(f"box_size must be one number >= 1 or one for each of {spatial_dims} axes, got {box_size}")
        self.sigma, self.threshold, self.output_key = sigma, prob_threshold, output_key

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the lists.

        Raises:
            ValueError: A map has several channels, or another number of axes than `spatial_dims`.
        """
        return {**sample, **{self.output_key or key: self._peaks(image_of(sample, key)) for key in self.keys}}

    def _peaks(self, image: Image) -> list[list[float]]:
        data = realize(image).data
        if len(data) != 1 or data.ndim != len(self.box) + 1:
            raise ValueError(f"keys must be maps [1, *S] of {len(self.box)} axes, got {tuple(data.shape)}")
        if self.sigma != 0:
            data = blurred(data.to(torch.float32), self.sigma)
        chances = data[0].cpu().numpy()
        return [[float(chances[place]), *map(int, place)] for place in peaks(chances, self.threshold, self.box)]
