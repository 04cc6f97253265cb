"""Reading an image, whatever holds it: a NIfTI file, or a folder with a DICOM series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images.dicom import read_series, read_series_grid
from bundlert.images.image import Image
from bundlert.images.nifti import SUFFIXES, read_nifti, read_nifti_grid
from bundlert.text import did_you_mean, listed

if TYPE_CHECKING:
    from bundlert.images.grid import Grid


def read_image(path: Path | str) -> Image:
    """The image in a file or folder, voxels [C, X, Y, Z].

    Args:
        path: `.nii`, `.nii.gz`, or a folder with the slices of one DICOM series.

    Raises:
        DataError: There is no such file, it is of another kind, or it is damaged.
    """
    path = _present(path)
    data, grid = read_series(path) if path.is_dir() else read_nifti(path)
    return Image(data, grid, path)


def read_grid(path: Path | str) -> Grid:
    """Where the voxels of a file or folder lie, without reading them.

    Raises:
        DataError: As `read_image`, as far as the headers tell.
    """
    path = _present(path)
    return read_series_grid(path) if path.is_dir() else read_nifti_grid(path)


def _present(path: Path | str) -> Path:
    """The path, if something is there that might be an image."""
    path = readable(Path(path))
    if not path.exists():
        raise _missing(path)
    if path.is_dir():
        return path
    if path.suffix.lower() in (".dcm", ".ima"):
        raise DataError(f"'{path}' is one DICOM slice", hint=f"give the folder of its series, '{path.parent}'")
    if not path.name.lower().endswith(SUFFIXES):
        raise DataError(
            f"'{path}' is of no known image format",
            got=f"suffix '{path.suffix}'",
            expected=f"{', '.join(SUFFIXES)} or a folder with a DICOM series",
        )
    if path.stat().st_size == 0:
        raise DataError(f"image '{path}' is empty", got="0 bytes", hint="copy or download it again")
    return path


def _missing(path: Path) -> DataError:
    if not path.parent.is_dir():
        return DataError(f"image '{path}' does not exist", got=f"no folder '{path.parent}' either")
    names = sorted(other.name for other in path.parent.iterdir() if not other.name.startswith("."))
    return DataError(
        f"image '{path}' does not exist",
        got=f"a folder with {listed(names, most=6)}" if names else "an empty folder",
        hint=did_you_mean(path.name, names),
    )
