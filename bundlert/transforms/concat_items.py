"""ConcatItems: several images as channels of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of, same_shape
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    from collections.abc import Sequence


class ConcatItems:
    """Put entries behind each other in a new one: images [C, *S] channel by channel, tensors and arrays along an axis.

    The new image lies where the first one does, in the dtype that holds all of them.

    Args:
        keys: Entries of one kind; images are of one shape.
        name: The key of the new entry.
        dim: The axis; of images only 0, the channels.
    """

    def __init__(self, keys: Keys, name: str, dim: int = 0) -> None:
        self.keys, self.name, self.dim = as_keys(keys), name, dim

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the new entry.

        Raises:
            DataError: Entries are of different kinds, or images of different shapes.
            ValueError: Images are to be put together along another axis than their channels.
        """
        entries = [entry_of(sample, key) for key in self.keys]
        if isinstance(entries[0], Image):
            same_shape(sample, self.keys)
        return {**sample, self.name: self._joined(entries)}

    def _joined(self, entries: Sequence[Any]) -> Any:
        if all(isinstance(entry, Image) for entry in entries):
            if self.dim != 0:
                raise ValueError(f"dim must be 0 for images, got {self.dim}")
            images = [realize(entry) for entry in entries]
            return images[0].with_data(torch.cat([image.data for image in images]))
        if all(isinstance(entry, torch.Tensor) for entry in entries):
            return torch.cat(list(entries), dim=self.dim)
        if all(isinstance(entry, np.ndarray) for entry in entries):
            return np.concatenate(entries, axis=self.dim)
        kinds = ", ".join(type(entry).__name__ for entry in entries)
        raise DataError("entries can't be put together", got=kinds, expected="all images, all tensors or all arrays")
