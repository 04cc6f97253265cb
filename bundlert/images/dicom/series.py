"""One DICOM series, in a folder of slices or in one file of frames: sorted by place, in HU, on a RAS+ grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.images.dicom.pixels import read_planes
from bundlert.images.dicom.planes import Plane, planes_of
from bundlert.images.dicom.stack import grid_of, sorted_planes
from bundlert.text import listed

if TYPE_CHECKING:
    from torch import Tensor

    from bundlert.images.grid import Grid

SUFFIXES = (".dcm", ".ima")


def read_series_grid(place: Path) -> Grid:
    """Where the voxels of a series lie; only headers are read."""
    return grid_of(place, series_planes(place))


def read_series(place: Path) -> tuple[Tensor, Grid]:
    """The voxels [1, X, Y, Z] of a series, in HU where it is a CT, and where they lie, in RAS+ mm.

    X follows the columns, Y the rows, Z the slices along their normal. int16 where all values are such, else float32.

    Args:
        place: A folder with the slices, or one enhanced file with all frames.

    Raises:
        DataError: No series or several, slices that are missing, doubled or unlike each other, or a damaged file.
    """
    planes = series_planes(place)
    grid = grid_of(place, planes)
    return torch.from_numpy(read_planes(planes)).permute(2, 1, 0)[None], grid


def series_planes(place: Path) -> list[Plane]:
    """The planes of the one series in a folder or file, sorted along their normal.

    Raises:
        DataError: There is none, or there are several; or a file is a slice alone.
    """
    if place.is_file():
        return _of_file(place)
    found = [plane for file in sorted(place.iterdir()) if file.is_file() for plane in planes_of(file)]
    if not found:
        raise DataError(f"folder '{place}' holds no DICOM slices", hint="give the folder of one series")
    by_series: dict[str, list[Plane]] = {}
    for plane in found:
        by_series.setdefault(plane.series, []).append(plane)
    if len(by_series) > 1:
        series = [f"{len(part)} slices of '{part[0].description}' ({uid})" for uid, part in by_series.items()]
        raise DataError(
            f"folder '{place}' holds {len(by_series)} series", got=listed(series), expected="one", hint="split it"
        )
    return sorted_planes(found)


def _of_file(file: Path) -> list[Plane]:
    planes = planes_of(file)
    if not planes:
        raise DataError(f"DICOM file '{file}' has no image of grey values", hint="give the series that it belongs to")
    if len(planes) == 1:
        raise DataError(f"'{file}' is one DICOM slice", hint=f"give the folder of its series, '{file.parent}'")
    return sorted_planes(planes)
