"""EnsureChannelFirst: every image is [C, *S]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of

if TYPE_CHECKING:
    from torch import Tensor


class EnsureChannelFirst:
    """Make sure that entries are images [C, *S].

    Images are so from the start and pass. Tensors and arrays become images in a world of 1 mm voxels.

    Args:
        keys: Entries to check.
        channel_dim: The channel axis of tensors and arrays; None if they have none.
    """

    def __init__(self, keys: Keys, channel_dim: int | None = None) -> None:
        self.keys = as_keys(keys)
        self.channel_dim = channel_dim

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with an image at each key."""
        return {**sample, **{key: self._image(key, entry_of(sample, key)) for key in self.keys}}

    def _image(self, key: str, entry: Image | Tensor | np.ndarray) -> Image:
        if isinstance(entry, Image):
            return entry
        if not isinstance(entry, (torch.Tensor, np.ndarray)):
            raise DataError(f"'{key}' is not an image yet", got=type(entry).__name__, hint="put LoadImage before")
        data = torch.as_tensor(entry)
        data = data[None] if self.channel_dim is None else data.movedim(self.channel_dim, 0)
        return Image(data, Grid(tuple(data.shape[1:]), np.eye(data.ndim)))
