"""AsDiscrete: probabilities become labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from bundlert.images.image import Image

_MOST_CLASSES = 256


class AsDiscrete(Transform):
    """Give labels as uint8: the channel with the largest value, or 1 where a channel reaches a threshold.

    Args:
        keys: Network outputs or probabilities [K, *S].
        argmax: [K, *S] becomes [1, *S]; of equal channels the first wins.
        threshold: [K, *S] stays so, 1 where the value is `threshold` or more.

    Raises:
        ValueError: Not exactly one of both was chosen.
    """

    def __init__(self, keys: Keys, argmax: bool = False, threshold: float | None = None) -> None:
        super().__init__(keys)
        if argmax == (threshold is not None):
            raise ValueError(f"one of argmax and threshold must be given, got argmax={argmax}, threshold={threshold}")
        self.threshold = threshold

    def apply(self, image: Image) -> Image:
        """Give the labels.

        Raises:
            DataError: More classes than uint8 can count.
        """
        image = realize(image)
        if self.threshold is not None:
            return image.with_data((image.data >= self.threshold).to(torch.uint8))
        if len(image.data) > _MOST_CLASSES:
            raise DataError(f"{image.name} has too many classes", got=str(len(image.data)), expected="256 at most")
        return image.with_data(image.data.argmax(dim=0, keepdim=True).to(torch.uint8))
