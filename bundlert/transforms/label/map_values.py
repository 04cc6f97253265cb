"""MapLabelValue: other numbers for labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.dtypes import as_dtype
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from bundlert.images.image import Image


class MapLabelValue(Transform):
    """Replace labels by others, all at once: [1, 2] may become [2, 1]. Labels that aren't named stay.

    Args:
        keys: Label maps.
        orig_labels: Labels to replace.
        target_labels: What they become, in the same order.
        dtype: Of the result, `float32` for instance; if not given, that of the label map.

    Raises:
        ValueError: There are more of the ones than of the others, one is named twice, or the dtype isn't known.
    """

    def __init__(
        self, keys: Keys, orig_labels: Sequence[float], target_labels: Sequence[float], dtype: str | None = None
    ) -> None:
        super().__init__(keys)
        if len(orig_labels) != len(target_labels):
            raise ValueError(
                f"orig_labels and target_labels must be equally many, got {list(orig_labels)} and {list(target_labels)}"
            )
        if len(set(orig_labels)) != len(orig_labels):
            raise ValueError(f"orig_labels must name each label once, got {list(orig_labels)}")
        self.pairs = [(old, new) for old, new in zip(orig_labels, target_labels, strict=True) if old != new]
        self.dtype = None if dtype is None else as_dtype(dtype)

    def apply(self, image: Image) -> Image:
        """Replace the labels.

        Raises:
            ValueError: A new label doesn't fit the dtype.
        """
        image = realize(image)
        dtype = self.dtype or image.data.dtype
        for _, new in self.pairs:
            if torch.tensor(new).to(dtype).item() != new:
                raise ValueError(
                    f"target_labels must fit {str(dtype).removeprefix('torch.')} of {image.name}, got {new}"
                )
        data = image.data.to(dtype, copy=True)
        mask = torch.empty_like(image.data)  # comparing into the same dtype is many times faster than into bool
        for old, new in self.pairs:
            torch.eq(image.data, old, out=mask)
            if dtype.is_floating_point:
                data.masked_fill_(mask.bool(), new)
            else:
                data.add_(mask.to(dtype), alpha=int(new - old))
        return image.with_data(data)
