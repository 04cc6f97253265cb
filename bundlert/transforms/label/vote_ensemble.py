"""VoteEnsemble: what most predictions say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Sample, as_keys, image_of, same_shape
from bundlert.transforms.label.mean_ensemble import output_of
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class VoteEnsemble:
    """Give the label that most label maps have, voxel by voxel, in the dtype of the first.

    Of labels with equally many votes the lowest wins: a draw of 0 and 1 is 0.

    Args:
        keys: Label maps of one shape: [1, *S] with labels, or [K, *S] of zeros and ones, each channel for itself.
        output_key: Where to put the result; may be left out where there is one key.
        num_classes: Labels lie in 0..num_classes - 1; if not given, all channels are of zeros and ones.

    Raises:
        ValueError: There is no `output_key` for several keys, or `num_classes` is below 2.
    """

    def __init__(self, keys: Keys, output_key: str | None = None, num_classes: int | None = None) -> None:
        self.keys = as_keys(keys)
        self.output_key = output_of(self.keys, output_key)
        if num_classes is not None and num_classes < 2:
            raise ValueError(f"num_classes must be >= 2, got {num_classes}")
        self.num_classes = num_classes

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the result.

        Raises:
            DataError: The images differ in shape or channels, or a label lies beyond the classes.
        """
        same_shape(sample, self.keys)
        images = [realize(image_of(sample, key)) for key in self.keys]
        for image in images:
            most = 1 if self.num_classes is None else self.num_classes - 1
            low, high = (end.item() for end in image.data.aminmax())
            if low < 0 or high > most:
                raise DataError(f"{image.name} has other labels", got=f"{low:g}..{high:g}", expected=f"0..{most}")
            if image.data.shape != images[0].data.shape:
                got = f"{tuple(image.data.shape)} and {tuple(images[0].data.shape)}"
                raise DataError(f"{image.name} has other channels", got=got, expected="one shape for all keys")
        parts = [image.data for image in images]
        found = _most(parts) if self.num_classes is None else _most_of_classes(parts, self.num_classes)
        return {**sample, self.output_key: images[0].with_data(found.to(parts[0].dtype))}


def _most(parts: list[Tensor]) -> Tensor:
    votes = torch.zeros(parts[0].shape, dtype=torch.float32, device=parts[0].device)
    for part in parts:
        votes += part
    return votes > len(parts) / 2


def _most_of_classes(parts: list[Tensor], classes: int) -> Tensor:
    best = torch.zeros(parts[0].shape, dtype=torch.int32, device=parts[0].device)
    found = torch.zeros_like(best)
    for label in range(classes):
        votes = torch.zeros_like(best)
        for part in parts:
            votes += part == label
        better = votes > best
        found.masked_fill_(better, label)
        best = torch.maximum(best, votes)
    return found
