"""EnsureType: numbers, lists and arrays become tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of
from bundlert.transforms.dtypes import as_dtype
from bundlert.transforms.lazy import realize

_TYPES = ("tensor",)


class EnsureType:
    """Make sure that entries are images or tensors, of a dtype and on a device if these are given.

    Images stay images. Numbers, arrays, and lists of numbers become tensors; arrays share their memory with them where
    they can. All else, texts for instance, passes.

    Args:
        keys: Entries to look at.
        data_type: Only `tensor`.
        dtype: `float32` for instance; as it is if not given.
        device: `cpu`, `cuda`, `cuda:1`; where it is if not given.
        wrap_sequence: Whether a list becomes one tensor rather than a list of tensors.

    Raises:
        ValueError: No such type or dtype.
    """

    def __init__(
        self,
        keys: Keys,
        data_type: str = "tensor",
        dtype: str | torch.dtype | None = None,
        device: str | torch.device | None = None,
        wrap_sequence: bool = True,
    ) -> None:
        self.keys = as_keys(keys)
        if data_type not in _TYPES:
            raise ValueError(f"data_type must be one of {', '.join(_TYPES)}, got '{data_type}'")
        self.dtype = None if dtype is None else as_dtype(dtype)
        self.device = None if device is None else torch.device(device)
        self.wrap_sequence = wrap_sequence

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with tensors."""
        new = {key: tensor_of(entry_of(sample, key), self.dtype, self.device, self.wrap_sequence) for key in self.keys}
        return {**sample, **new}


def tensor_of(entry: Any, dtype: torch.dtype | None, device: torch.device | None, wrap_sequence: bool) -> Any:
    """An image, or what can be one, as a tensor; all else as it is."""
    if isinstance(entry, Image):
        image = realize(entry)
        return image.with_data(image.data.to(device=device, dtype=dtype))
    if isinstance(entry, (list, tuple)) and not wrap_sequence:
        return [tensor_of(one, dtype, device, wrap_sequence) for one in entry]
    if not isinstance(entry, torch.Tensor):
        array = np.asarray(entry)
        if array.dtype.kind not in "biuf":
            return entry
        entry = torch.from_numpy(np.ascontiguousarray(array)).view(array.shape)
    return entry.to(device=device, dtype=dtype)
