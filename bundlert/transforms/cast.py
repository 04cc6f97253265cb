"""CastToType: another dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of, per_key
from bundlert.transforms.dtypes import as_dtype
from bundlert.transforms.lazy import realize


class CastToType:
    """Give images, tensors and arrays another dtype; from floats to integers, fractions are cut off.

    Args:
        keys: Entries to cast.
        dtype: `float32` for instance; one, or one for each key.

    Raises:
        ValueError: No such dtype.
    """

    def __init__(self, keys: Keys, dtype: str | torch.dtype | Sequence[str | torch.dtype] = "float32") -> None:
        self.keys = as_keys(keys)
        self.dtypes = {key: as_dtype(one) for key, one in per_key("dtype", dtype, self.keys).items()}

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with entries cast.

        Raises:
            DataError: An entry has no dtype.
        """
        return {**sample, **{key: cast(key, entry_of(sample, key), one) for key, one in self.dtypes.items()}}


def cast(key: str, entry: Any, dtype: torch.dtype) -> Any:
    """An image, a tensor or an array in another dtype.

    Raises:
        DataError: It is none of these.
    """
    if isinstance(entry, Image):
        image = realize(entry)
        return image.with_data(image.data.to(dtype))
    if isinstance(entry, torch.Tensor):
        return entry.to(dtype)
    if isinstance(entry, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(entry)).to(dtype).numpy()
    raise DataError(f"'{key}' has no dtype", got=type(entry).__name__, expected="an image, a tensor or an array")
