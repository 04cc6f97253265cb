"""MeanEnsemble: the mean of several predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Sample, as_keys, image_of, same_shape
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class MeanEnsemble:
    """Give the mean of images, voxel by voxel, in float32.

    Args:
        keys: Predictions [K, *S] of one shape.
        output_key: Where to put the mean; may be left out where there is one key.
        weights: How much each image counts: one number for each, or one for each of its channels.

    Raises:
        ValueError: There is no `output_key` for several keys; weights aren't as many as keys, are negative or all 0.
    """

    def __init__(
        self,
        keys: Keys,
        output_key: str | None = None,
        weights: Sequence[float | Sequence[float]] | None = None,
    ) -> None:
        self.keys = as_keys(keys)
        self.output_key = output_of(self.keys, output_key)
        given = [1.0] * len(self.keys) if weights is None else list(weights)
        if len(given) != len(self.keys):
            raise ValueError(f"weights must be one for each of {len(self.keys)} keys, got {given}")
        rows = [[one] if isinstance(one, (int, float)) else list(one) for one in given]
        most = max(len(one) for one in rows)
        rows = [one * most if len(one) == 1 else one for one in rows]
        if any(len(one) != most for one in rows):
            raise ValueError(f"weights must have equally many channels, got {given}")
        table = torch.tensor(rows, dtype=torch.float64)
        if (table < 0).any() or (table.sum(dim=0) == 0).any():
            raise ValueError(f"weights must be >= 0 and not all 0, got {given}")
        self.table = (table / table.sum(dim=0)).to(torch.float32)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the mean.

        Raises:
            DataError: The images differ in shape.
            ValueError: They differ in channels, or weights are for another number of channels.
        """
        same_shape(sample, self.keys)
        images = [realize(image_of(sample, key)) for key in self.keys]
        shapes = {tuple(image.data.shape) for image in images}
        channels = len(images[0].data)
        if len(shapes) > 1 or self.table.shape[1] not in (1, channels):
            got = f"{sorted(shapes)} and weights for {self.table.shape[1]}"
            raise ValueError(f"images and weights must be of one number of channels, got {got}")
        return {**sample, self.output_key: images[0].with_data(self._mean([image.data for image in images]))}

    def _mean(self, parts: list[Tensor]) -> Tensor:
        total = torch.zeros(parts[0].shape, dtype=torch.float32, device=parts[0].device)
        for part, row in zip(parts, self.table, strict=True):
            weight = row.view(-1, *[1] * (part.ndim - 1)).to(part.device)
            total.addcmul_(part.to(torch.float32), weight)
        return total


def output_of(keys: tuple[str, ...], output_key: str | None) -> str:
    """The key of a result made of several entries.

    Raises:
        ValueError: It is missing.
    """
    if output_key is None and len(keys) > 1:
        raise ValueError(f"output_key must be given for several keys, got {output_key}")
    return output_key or keys[0]
