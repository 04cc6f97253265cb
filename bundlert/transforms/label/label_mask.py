"""LabelToMask: where some labels are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.image import Image


class LabelToMask(Transform):
    """Give a mask as uint8, 1 where one of some labels is.

    Args:
        keys: Label maps [1, *S], or one-hot [K, *S].
        select_labels: Labels of a label map, or channels of one-hot.
        merge_channels: Whether one-hot channels become one, [1, *S], rather than a mask each.
    """

    def __init__(self, keys: Keys, select_labels: int | Sequence[int], merge_channels: bool = False) -> None:
        super().__init__(keys)
        self.labels = [select_labels] if isinstance(select_labels, int) else list(select_labels)
        self.merge_channels = merge_channels

    def apply(self, image: Image) -> Image:
        """Give the mask.

        Raises:
            ValueError: A channel isn't there.
        """
        image = realize(image)
        data = image.data
        if len(data) == 1:
            return image.with_data(where_any(data, self.labels).to(torch.uint8))
        if not all(0 <= label < len(data) for label in self.labels):
            raise ValueError(f"select_labels must be channels in 0..{len(data) - 1}, got {self.labels}")
        mask = data[self.labels] != 0
        return image.with_data((mask.any(dim=0, keepdim=True) if self.merge_channels else mask).to(torch.uint8))


def where_any(data: Tensor, labels: Sequence[float]) -> Tensor:
    """Where a value is one of some labels."""
    mask = torch.zeros(data.shape, dtype=torch.bool, device=data.device)
    for label in labels:
        mask |= data == label
    return mask
