"""Activations: logits become probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from bundlert.images.image import Image


class Activations(Transform):
    """Apply softmax over the channels, or sigmoid to each, in float32.

    Args:
        keys: Network outputs [K, *S].
        softmax: For classes that exclude each other.
        sigmoid: For classes that don't.

    Raises:
        ValueError: Not exactly one of both was chosen.
    """

    def __init__(self, keys: Keys, softmax: bool = False, sigmoid: bool = False) -> None:
        super().__init__(keys)
        if softmax == sigmoid:
            raise ValueError(f"one of softmax and sigmoid must be true, got softmax={softmax}, sigmoid={sigmoid}")
        self.softmax = softmax

    def apply(self, image: Image) -> Image:
        """Give the probabilities."""
        image = realize(image)
        data = image.data.to(torch.float32)
        return image.with_data(data.softmax(dim=0) if self.softmax else data.sigmoid())
