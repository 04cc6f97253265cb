"""ToTensor: tensors, whatever it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of
from bundlert.transforms.dtypes import as_dtype
from bundlert.transforms.ensure_type import tensor_of

if TYPE_CHECKING:
    import numpy as np


class ToTensor:
    """Make entries tensors, of a dtype and on a device if these are given; images, which have one, stay images.

    Args:
        keys: Images, numbers, lists of numbers, or arrays.
        dtype: `float32` for instance; as it is if not given.
        device: `cpu`, `cuda`, `cuda:1`; where it is if not given.
        wrap_sequence: Whether a list becomes one tensor rather than a list of tensors.

    Raises:
        ValueError: No such dtype.
    """

    def __init__(
        self,
        keys: Keys,
        dtype: str | torch.dtype | None = None,
        device: str | torch.device | None = None,
        wrap_sequence: bool = True,
    ) -> None:
        self.keys = as_keys(keys)
        self.dtype = None if dtype is None else as_dtype(dtype)
        self.device = None if device is None else torch.device(device)
        self.wrap_sequence = wrap_sequence

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with tensors.

        Raises:
            DataError: An entry is none of numbers.
        """
        new = dict(sample)
        for key in self.keys:
            made = tensor_of(entry_of(sample, key), self.dtype, self.device, self.wrap_sequence)
            parts = made if isinstance(made, list) else [made]
            if not all(isinstance(part, (Image, torch.Tensor)) for part in parts):
                got = f"{type(made).__name__} {made!s:.80}"
                raise DataError(f"'{key}' can't be a tensor", got=got, expected="an image, numbers or an array")
            new[key] = made
        return new
