"""Reading an image, whatever holds it: a file of any format that is known, or a folder with a DICOM series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images import arrays, metaimage, nifti, nrrd, pictures
from bundlert.images.dicom import series
from bundlert.images.image import Image
from bundlert.text import did_you_mean, listed

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.grid import Grid


class _Format(NamedTuple):
    suffixes: tuple[str, ...]
    read: Callable[[Path], tuple[Tensor, Grid]]
    read_grid: Callable[[Path], Grid]


_DICOM = _Format(series.SUFFIXES, series.read_series, series.read_series_grid)
_FORMATS = (
    _Format(nifti.SUFFIXES, nifti.read_nifti, nifti.read_nifti_grid),
    _Format(nrrd.SUFFIXES, nrrd.read_nrrd, nrrd.read_nrrd_grid),
    _Format(metaimage.SUFFIXES, metaimage.read_metaimage, metaimage.read_metaimage_grid),
    _Format(pictures.SUFFIXES, pictures.read_picture, pictures.read_picture_grid),
    _Format(arrays.SUFFIXES, arrays.read_array, arrays.read_array_grid),
    _DICOM,
)
SUFFIXES = tuple(suffix for one in _FORMATS for suffix in one.suffixes)
"""How the names of files end that `read_image` reads, in small letters."""
_SLIDES = (".svs", ".ndpi", ".mrxs", ".scn", ".vms", ".bif", ".svslide")


def read_image(path: Path | str) -> Image:
    """The image in a file or folder: voxels [C, X, Y, Z], or [C, X, Y] of a picture, on a grid in RAS+ mm.

    Args:
        path: A file of NIfTI, NRRD, MetaImage, NumPy, PNG, JPEG or TIFF, an enhanced DICOM file, or a folder with the
            slices of one DICOM series.

    Raises:
        DataError: There is no such file, it is of another kind, or it is damaged.
    """
    path = Path(path)
    data, grid = _format_of(path).read(path)
    return Image(data, grid, path)


def read_grid(path: Path | str) -> Grid:
    """Where the voxels of a file or folder lie, without reading them.

    Raises:
        DataError: As `read_image`, as far as the headers tell.
    """
    path = Path(path)
    return _format_of(path).read_grid(path)


def _format_of(path: Path) -> _Format:
    """The format of a path, if something is there that might be an image."""
    if not readable(path).exists():
        raise _missing(path)
    if path.is_dir():
        return _DICOM
    if path.stat().st_size == 0:
        raise DataError(f"image '{path}' is empty", got="0 bytes", hint="copy or download it again")
    name = path.name.lower()
    found = next((one for one in _FORMATS if name.endswith(one.suffixes)), None)
    if found is None and _says_dicom(path):  # scanners like names without a suffix
        found = _DICOM
    if found is None:
        raise DataError(
            f"'{path}' is of no known image format",
            got=f"suffix '{path.suffix}'",
            expected=f"{', '.join(SUFFIXES)} or a folder with a DICOM series",
            hint="slides are read by region, with open_slide" if name.endswith(_SLIDES) else None,
        )
    return found


def _says_dicom(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(132)[128:] == b"DICM"


def _missing(path: Path) -> DataError:
    if not path.parent.is_dir():
        return DataError(f"image '{path}' does not exist", got=f"no folder '{path.parent}' either")
    names = sorted(other.name for other in path.parent.iterdir() if not other.name.startswith("."))
    return DataError(
        f"image '{path}' does not exist",
        got=f"a folder with {listed(names, most=6)}" if names else "an empty folder",
        hint=did_you_mean(path.name, names),
    )
