"""A folder with the slices of one DICOM series: sorted by place, in HU, on a RAS+ grid.

Source: DICOM PS3.3, C.7.6.2 (image plane) and C.11.1 (rescale).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images.grid import Affine, Grid, affine_fault
from bundlert.text import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset
    from torch import Tensor

_PLANE_TAGS = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns")
_WITHOUT_PIXELS = ("DOC", "FID", "KO", "PLAN", "PR", "REG", "RTPLAN", "RTRECORD", "RTSTRUCT", "SR")
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_UNEVEN = 0.02
"""Distances of slices may differ by this part: scanners write places with one decimal."""


@dataclass(frozen=True)
class Slice:
    """One file of a series and where its plane lies, in LPS mm."""

    file: Path
    series: str
    description: str
    shape: tuple[int, int]
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing: tuple[float, ...]
    thickness: float

    @property
    def normal(self) -> NDArray[np.float64]:
        """The unit vector that stands on the plane."""
        return np.cross(self.orientation[:3], self.orientation[3:])


def read_series_grid(folder: Path) -> Grid:
    """Where the voxels of a series lie; only headers are read."""
    return _grid(folder, _slices(folder))


def read_series(folder: Path) -> tuple[Tensor, Grid]:
    """The voxels [1, X, Y, Z] of a series, in HU where it is a CT, and where they lie.

    X follows the columns, Y the rows, Z the slices along their normal. int16 where all values are such, else float32.

    Raises:
        DataError: No series or several, slices that are missing, doubled or unlike each other, or a damaged file.
    """
    slices = _slices(folder)
    grid = _grid(folder, slices)
    planes = [_plane(piece) for piece in slices]
    dtype = np.result_type(*planes)
    voxels = np.empty((len(planes), *slices[0].shape), dtype)
    for target, plane in zip(voxels, planes, strict=True):
        target[:] = plane
    return torch.from_numpy(voxels).permute(2, 1, 0)[None], grid


def _slices(folder: Path) -> list[Slice]:
    """The slices of the one series in a folder, sorted along their normal."""
    found = [piece for file in sorted(folder.iterdir()) if file.is_file() and (piece := _head(file))]
    if not found:
        raise DataError(f"folder '{folder}' holds no DICOM slices", hint="give the folder of one series")
    by_series: dict[str, list[Slice]] = {}
    for piece in found:
        by_series.setdefault(piece.series, []).append(piece)
    if len(by_series) > 1:
        series = [f"{len(part)} slices of '{part[0].description}' ({uid})" for uid, part in by_series.items()]
        raise DataError(
            f"folder '{folder}' holds {len(by_series)} series", got=listed(series), expected="one", hint="split it"
        )
    return sorted(found, key=lambda piece: float(found[0].normal @ piece.position))


def _head(file: Path) -> Slice | None:
    """What the header of one file says; None where it is no DICOM, or an object without pixels (a report, a plan)."""
    head = _header(file)
    if head is None or head.get("Modality") in _WITHOUT_PIXELS or "DirectoryRecordSequence" in head:
        return None
    missing = [tag for tag in _PLANE_TAGS if head.get(tag) in (None, "")]
    if missing or int(head.get("NumberOfFrames") or 1) > 1 or int(head.get("SamplesPerPixel", 1)) != 1:
        raise DataError(
            f"DICOM file '{file}' is no slice with a place, or cut short",
            got=f"no {listed(missing)}" if missing else "several frames or colours",
            expected="one grey frame a file",
        )
    return Slice(
        file=file,
        series=str(head.get("SeriesInstanceUID", "")),
        description=str(head.get("SeriesDescription", "")),
        shape=(int(head.Rows), int(head.Columns)),
        position=_numbers(head.ImagePositionPatient),
        orientation=_numbers(head.ImageOrientationPatient),
        spacing=_numbers(head.PixelSpacing),
        thickness=float(head.get("SliceThickness") or 1.0),
    )


def _header(file: Path) -> Dataset | None:
    """The tags of a DICOM file; None where it is something else and doesn't pretend."""
    import pydicom  # noqa: PLC0415 (heavy)

    try:
        return pydicom.dcmread(readable(file), stop_before_pixels=True)
    except (pydicom.errors.InvalidDicomError, EOFError, ValueError) as error:
        if file.suffix.lower() not in (".dcm", ".ima"):
            return None
        raise DataError(f"DICOM file '{file}' is damaged", got=str(error) or "an early end") from error


def _numbers(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _grid(folder: Path, slices: list[Slice]) -> Grid:
    """The RAS+ grid of sorted slices."""
    first = slices[0]
    for piece in slices:
        turned = np.abs(np.subtract(piece.orientation, first.orientation)).max() > 1e-3
        if turned or piece.shape != first.shape or piece.spacing != first.spacing:
            raise DataError(
                f"the slices in '{folder}' differ in size, spacing or direction",
                got=f"{piece.file.name}: {piece.shape}, {piece.spacing} mm, {piece.orientation}",
                expected=f"{first.file.name}: {first.shape}, {first.spacing} mm, {first.orientation}",
            )
    affine: Affine = np.eye(4)
    affine[:3, 0] = np.multiply(first.orientation[:3], first.spacing[1])
    affine[:3, 1] = np.multiply(first.orientation[3:], first.spacing[0])
    affine[:3, 2] = _step(folder, slices)
    affine[:3, 3] = first.position
    if fault := affine_fault(affine):
        raise DataError(f"the series in '{folder}' has no usable place: its affine {fault}", got=str(affine.tolist()))
    return Grid((first.shape[1], first.shape[0], len(slices)), _LPS_TO_RAS @ affine)


def _step(folder: Path, slices: list[Slice]) -> NDArray[np.float64]:
    """The way from one slice to the next, in LPS mm; it needn't stand on the planes (a tilted gantry)."""
    first = slices[0]
    if len(slices) == 1:
        return first.normal * first.thickness
    positions = np.array([piece.position for piece in slices])
    gaps = np.diff(positions @ first.normal)
    usual = float(np.median(gaps))
    odd = np.flatnonzero(np.abs(gaps - usual) > _UNEVEN * max(usual, 1e-3))
    if len(odd) or usual < 1e-3:
        places = [f"{gaps[i]:.2f} mm from {slices[i].file.name} to {slices[i + 1].file.name}" for i in odd]
        raise DataError(
            f"the slices in '{folder}' are missing, doubled or unevenly spaced",
            got=listed(places, most=4) or "all in one place",
            expected=f"{usual:.2f} mm from each slice to the next",
            hint="copy the series again; one series has each place once",
        )
    return np.asarray((positions[-1] - positions[0]) / (len(slices) - 1))


def _plane(piece: Slice) -> NDArray[Any]:
    """The values of one slice [Y, X], rescaled: int16 where they all are such, else float32."""
    import pydicom  # noqa: PLC0415 (heavy)

    try:
        file = pydicom.dcmread(piece.file)
        stored = file.pixel_array
    except (AttributeError, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise DataError(f"the pixels of '{piece.file}' can't be read", got=str(error).splitlines()[0]) from error
    slope, inter = float(file.get("RescaleSlope", 1)), float(file.get("RescaleIntercept", 0))
    if slope == 1 and inter == int(inter):
        values = stored.astype(np.int32) + int(inter)
        limits = np.iinfo(np.int16)
        if values.min() >= limits.min and values.max() <= limits.max:
            return values.astype(np.int16)
    return stored.astype(np.float32) * np.float32(slope) + np.float32(inter)
