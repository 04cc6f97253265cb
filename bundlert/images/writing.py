"""Writing an image to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.errors import DataError
from bundlert.images.nifti import SUFFIXES, write_nifti

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.images.image import Image

DTYPES = ("uint8", "int16", "float32")


def write_image(image: Image, file: Path | str, dtype: str = "uint8") -> None:
    """Write the voxels of an image, on the grid of its data, to `.nii` or `.nii.gz`, whole or not at all.

    Args:
        image: Three-dimensional. One channel is written as [X, Y, Z], several as [X, Y, Z, C].
        file: Its folder is made if need be.
        dtype: `uint8`, `int16` or `float32`; to integers, values are rounded.

    Raises:
        ValueError: An unknown dtype.
        DataError: An unknown suffix, a pending wish for another grid, or values that don't fit the dtype.
    """
    file = Path(file)
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got '{dtype}'")
    if not file.name.lower().endswith(SUFFIXES):
        raise DataError(f"'{file}' can't be written", got=f"suffix '{file.suffix}'", expected=" or ".join(SUFFIXES))
    if image.wanted or len(image.grid.shape) != 3:
        raise DataError(f"'{file}' can't be written", got=image.name, expected="a realized image of three dimensions")
    voxels = image.data.detach().cpu().numpy()
    voxels = voxels[0] if len(voxels) == 1 else np.moveaxis(voxels, 0, -1)
    write_nifti(_fitted(voxels, dtype, file), image.grid.affine, file)


def _fitted(voxels: NDArray[Any], dtype: str, file: Path) -> NDArray[Any]:
    """The voxels in another dtype, none of them changed beyond rounding."""
    if dtype == "float32" or voxels.dtype == bool:
        return voxels.astype(dtype)
    least, most, limits = voxels.min(), voxels.max(), np.iinfo(dtype)
    if not (least >= limits.min and most <= limits.max):  # also where there is a NaN
        raise DataError(
            f"the voxels for '{file}' don't fit {dtype}",
            got=f"values from {least} to {most}",
            expected=f"{limits.min} to {limits.max}",
        )
    return (np.rint(voxels) if voxels.dtype.kind == "f" else voxels).astype(dtype)
