"""Writing an image to a file, whole or not at all; the suffix of its name says in which format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.errors import DataError
from bundlert.images import arrays, nifti, pictures
from bundlert.images.dicom.segmentation import write_segmentation
from bundlert.images.nrrd import write_nrrd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.images.image import Image

DTYPES = ("uint8", "int16", "uint16", "int32", "float32")
_NRRD = ".nrrd"
_DICOM = ".dcm"
WRITTEN_SUFFIXES = (*nifti.SUFFIXES, _NRRD, *pictures.WRITTEN_SUFFIXES, *arrays.SUFFIXES, _DICOM)
"""How the names of files end that `write_image` writes, in small letters."""


def write_image(
    image: Image,
    file: Path | str,
    dtype: str = "uint8",
    *,
    series: Path | str | None = None,
    segments: Sequence[str] = (),
) -> None:
    """Write the voxels of an image, on the grid of its data.

    Args:
        image: [C, X, Y, Z]; [C, X, Y] for `.png`, and where the format has two dimensions. NIfTI has channels as the
            last axis, NRRD as the first.
        file: `.nii`, `.nii.gz`, `.nrrd`, `.png`, `.npy`, `.npz`, or `.dcm` for labels as a DICOM SEG. Its folder is
            made if need be.
        dtype: `uint8`, `int16`, `uint16`, `int32` or `float32`; to integers, values are rounded. Of no meaning for
            a DICOM SEG.
        series: For a DICOM SEG, the series that it refers to; the file of the image if None.
        segments: For a DICOM SEG, what labels 1, 2 ... are called.

    Raises:
        ValueError: An unknown dtype.
        DataError: An unknown suffix, a pending wish for another grid, or values that don't fit the dtype or the format.
    """
    file = Path(file)
    name = file.name.lower()
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got '{dtype}'")
    if not name.endswith(WRITTEN_SUFFIXES):
        raise DataError(
            f"'{file}' can't be written", got=f"suffix '{file.suffix}'", expected=", ".join(WRITTEN_SUFFIXES)
        )
    _check_order(image, file)
    if name.endswith(_DICOM):
        write_segmentation(image, file, _series(image, file, series), segments)
        return
    voxels = _fitted(image.data.detach().cpu().numpy(), dtype, file)
    if name.endswith(nifti.SUFFIXES):
        nifti.write_nifti(voxels[0] if len(voxels) == 1 else np.moveaxis(voxels, 0, -1), image.grid.affine, file)
    elif name.endswith(_NRRD):
        write_nrrd(voxels, image.grid.affine, file)
    elif name.endswith(pictures.WRITTEN_SUFFIXES):
        pictures.write_picture(voxels, file)
    else:
        arrays.write_array(voxels, image.grid.affine, file)


def _check_order(image: Image, file: Path) -> None:
    """Refuse an image with as many dimensions as the format doesn't have, or one that isn't resampled yet."""
    name = file.name.lower()
    orders = [2] if name.endswith(pictures.WRITTEN_SUFFIXES) else [2, 3]
    orders = [3] if name.endswith((*nifti.SUFFIXES, _DICOM)) else orders
    if image.wanted or len(image.grid.shape) not in orders:
        dimensions = " or ".join({2: "two", 3: "three"}[order] for order in orders)
        raise DataError(
            f"'{file}' can't be written", got=image.name, expected=f"a realized image of {dimensions} dimensions"
        )


def _series(image: Image, file: Path, series: Path | str | None) -> Path:
    """The series that a segmentation refers to."""
    found = image.file if series is None else Path(series)
    if found is None or not (found.is_dir() or found.name.lower().endswith(_DICOM)):
        raise DataError(
            f"'{file}' can't be written",
            got=f"labels made from {image.name}" if found is None else f"labels made from '{found}'",
            expected="labels made from a DICOM series",
            hint="write .nii.gz or .nrrd",
        )
    return found


def _fitted(voxels: NDArray[Any], dtype: str, file: Path) -> NDArray[Any]:
    """The voxels in another dtype, none of them changed beyond rounding."""
    if dtype in ("float32", voxels.dtype.name) or voxels.dtype == bool:
        return voxels.astype(dtype, copy=False)
    least, most, limits = voxels.min(), voxels.max(), np.iinfo(dtype)
    if not (least >= limits.min and most <= limits.max):  # also where there is a NaN
        raise DataError(
            f"the voxels for '{file}' don't fit {dtype}",
            got=f"values from {least} to {most}",
            expected=f"{limits.min} to {limits.max}",
        )
    return (np.rint(voxels) if voxels.dtype.kind == "f" else voxels).astype(dtype, copy=False)
