"""SaveImage: images become files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bundlert.images.writing import DTYPES, write_image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of, image_of, per_key
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np


class SaveImage:
    """Write images, each on its own grid, whole or not at all.

    After Invert this is the grid of the file that was read: shape and affine are the input's, bit by bit.

    Args:
        keys: Images to write.
        file_key: The entry with the path to write to; one, or one per key. Its suffix says in which format: `.nii`,
            `.nii.gz`, `.nrrd`, `.png`, `.npy`, `.npz`, or `.dcm` for labels as a DICOM segmentation.
        dtype: `uint8`, `int16`, `uint16`, `int32` or `float32`.
        segments: For a DICOM segmentation, what labels 1, 2 ... are called. It refers to the series that the image was
            read from.

    Raises:
        ValueError: Another dtype, or not as many `file_key` as `keys`.
    """

    def __init__(
        self,
        keys: Keys,
        file_key: str | Sequence[str] = "output",
        dtype: str = "uint8",
        segments: Sequence[str] = (),
    ) -> None:
        self.keys = as_keys(keys)
        if len(self.keys) > 1 and isinstance(file_key, str):
            raise ValueError(f"file_key must be one per key, or files overwrite each other, got '{file_key}'")
        if dtype not in DTYPES:
            raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got '{dtype}'")
        self.file_keys = per_key("file_key", file_key, self.keys)
        self.dtype = dtype
        self.segments = tuple(segments)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Write; give the sample as it is."""
        for key, file_key in self.file_keys.items():
            image, file = realize(image_of(sample, key)), Path(entry_of(sample, file_key))
            write_image(image, file, self.dtype, segments=self.segments)
        return sample
