"""LabelFilter: only some labels stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.label.label_mask import where_any
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from bundlert.images.image import Image


class LabelFilter(Transform):
    """Make all labels 0 but some. Dtypes stay.

    Args:
        keys: Label maps.
        applied_labels: The labels that stay.
    """

    def __init__(self, keys: Keys, applied_labels: int | Sequence[int]) -> None:
        super().__init__(keys)
        self.labels = [applied_labels] if isinstance(applied_labels, int) else list(applied_labels)

    def apply(self, image: Image) -> Image:
        """Clear the others."""
        image = realize(image)
        return image.with_data(image.data.where(where_any(image.data, self.labels), 0))
