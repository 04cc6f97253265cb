"""LoadImage: paths become images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.images.reading import read_image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of

if TYPE_CHECKING:
    import numpy as np


class LoadImage:
    """Read the images whose paths are in a sample.

    Args:
        keys: Entries with a path to what `read_image` reads: NIfTI, NRRD, MetaImage, NumPy, PNG, JPEG, TIFF, enhanced
            DICOM, or a folder with a DICOM series.
        dtype: `float32` for instance; as in the file (int16, uint8, float32 ...) if None.

    Raises:
        ValueError: No such dtype.
    """

    def __init__(self, keys: Keys, dtype: str | None = None) -> None:
        self.keys = as_keys(keys)
        self.dtype = None if dtype is None else getattr(torch, dtype, None)
        if dtype is not None and not isinstance(self.dtype, torch.dtype):
            raise ValueError(f"dtype must be the name of a torch dtype, float32 for instance, got '{dtype}'")

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with images, [C, X, Y, Z] or [C, X, Y], in place of paths."""
        new = dict(sample)
        for key in self.keys:
            path = entry_of(sample, key)
            if not isinstance(path, (str, Path)):
                raise DataError(f"'{key}' is not a path", got=f"{type(path).__name__} {path!s:.80}")
            image = read_image(path)
            new[key] = image if self.dtype is None else image.with_data(image.data.to(self.dtype))
        return new
