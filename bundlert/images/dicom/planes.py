"""The planes of DICOM files as their headers tell them: one of a classic slice, one for each frame of an enhanced file.

Source: DICOM PS3.3, C.7.6.2 (image plane), C.7.6.16 (functional groups of frames) and C.11.1 (rescale).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images.claims import check_room
from bundlert.text import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

_NO_IMAGES = ("DOC", "FID", "KO", "PLAN", "PR", "REG", "RTPLAN", "RTRECORD", "RTSTRUCT", "SEG", "SR")
_PLANE_TAGS = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
_GROUPS = {
    "ImagePositionPatient": "PlanePositionSequence",
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "PixelSpacing": "PixelMeasuresSequence",
    "SliceThickness": "PixelMeasuresSequence",
    "RescaleSlope": "PixelValueTransformationSequence",
    "RescaleIntercept": "PixelValueTransformationSequence",
}
_PACKED_AT_MOST = 1 << 16
"""No codec of DICOM makes a frame smaller than this part, not even one of a single value."""


@dataclass(frozen=True)
class Plane:
    """One slice or frame: which file has it, where it lies in LPS mm, and what its values mean.

    Args:
        file: The file.
        frame: Its number there, from 0.
        series: The SeriesInstanceUID.
        description: What the series is called.
        shape: Rows and columns.
        position: Of the first pixel's centre.
        orientation: The direction along a row, then that along a column.
        spacing: Of the rows, then of the columns.
        thickness: Of the slice.
        slope: Stored values are multiplied by this.
        inter: Then this is added.
    """

    file: Path
    frame: int
    series: str
    description: str
    shape: tuple[int, int]
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing: tuple[float, ...]
    thickness: float
    slope: float
    inter: float

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.file.name if self.frame == 0 else f"frame {self.frame + 1} of {self.file.name}"

    @property
    def normal(self) -> NDArray[np.float64]:
        """The unit vector that stands on the plane."""
        return np.cross(self.orientation[:3], self.orientation[3:])


def planes_of(file: Path) -> list[Plane]:
    """The planes of one file; none where it is no DICOM, or an object without an image (a report, a plan).

    Raises:
        DataError: The file is damaged, or its header doesn't tell where its planes are.
    """
    head = _header(file)
    if head is None or head.get("Modality") in _NO_IMAGES or "DirectoryRecordSequence" in head:
        return []
    try:
        return _planes(file, head)
    except DataError:
        raise
    except Exception as error:  # pydicom parses a tag when it is asked for it, and raises whatever comes
        raise DataError(f"DICOM file '{file}' has a wrong header", got=str(error) or type(error).__name__) from error


def _header(file: Path) -> Dataset | None:
    """The tags of a DICOM file; None where it is something else and doesn't pretend."""
    import pydicom  # noqa: PLC0415 (heavy)

    pretends = file.suffix.lower() in (".dcm", ".ima")
    if readable(file).stat().st_size == 0 and not pretends:
        return None
    try:
        # Mapped, since a tag that claims gigabytes would make a plain read take them.
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return pydicom.dcmread(cast("BinaryIO", mapped), stop_before_pixels=True)
    except OSError:
        raise
    except Exception as error:  # pydicom promises no kind of error for a file that is cut short
        if isinstance(error, pydicom.errors.InvalidDicomError) and not pretends:
            return None
        text = str(error).split(". ")[0]
        raise DataError(f"DICOM file '{file}' is damaged", got=text or "an early end") from error


def _planes(file: Path, head: Dataset) -> list[Plane]:
    frames = _frames(head)
    tags = [tag for tag in ("Rows", "Columns") if head.get(tag) in (None, "")]
    missing = tags + [tag for tag in _PLANE_TAGS if any(one.get(tag) in (None, "") for one in frames)]
    colours = int(head.get("SamplesPerPixel", 1)) != 1
    if missing or colours or len(frames) != int(head.get("NumberOfFrames") or 1):
        raise DataError(
            f"DICOM file '{file}' is no slice with a place, or cut short",
            got=f"no {listed(missing)}"
            if missing
            else "colours"
            if colours
            else f"{head.NumberOfFrames} frames in one place",
            expected="grey slices, or frames that each have a place",
        )
    if "ModalityLUTSequence" in head:
        raise DataError(
            f"DICOM file '{file}' maps its values by a table", got="ModalityLUTSequence", expected="a slope"
        )
    _check_claim(file, head, len(frames))
    return [_plane(file, number, head, frame) for number, frame in enumerate(frames)]


def _frames(head: Dataset) -> list[dict[str, Any]]:
    """What is told of each frame: by its own group, by the shared one, or by the file as a whole."""
    if "PerFrameFunctionalGroupsSequence" not in head:
        return [{tag: head.get(tag) for tag in _GROUPS}]
    shared = (head.get("SharedFunctionalGroupsSequence") or [{}])[0]
    return [
        {tag: _told(own, group, tag) if group in own else _told(shared, group, tag) for tag, group in _GROUPS.items()}
        for own in head.PerFrameFunctionalGroupsSequence
    ]


def _told(groups: Any, group: str, tag: str) -> Any:
    return groups.get(group)[0].get(tag) if groups.get(group) else None


def _plane(file: Path, number: int, head: Dataset, frame: dict[str, Any]) -> Plane:
    slope, inter = frame["RescaleSlope"], frame["RescaleIntercept"]
    return Plane(
        file=file,
        frame=number,
        series=str(head.get("SeriesInstanceUID", "")),
        description=str(head.get("SeriesDescription", "")),
        shape=(int(head.Rows), int(head.Columns)),
        position=_numbers(frame["ImagePositionPatient"]),
        orientation=_numbers(frame["ImageOrientationPatient"]),
        spacing=_numbers(frame["PixelSpacing"]),
        thickness=float(frame["SliceThickness"] or 1.0),
        slope=1.0 if slope in (None, "") else float(slope),
        inter=0.0 if inter in (None, "") else float(inter),
    )


def _numbers(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _check_claim(file: Path, head: Dataset, frames: int) -> None:
    """Refuse what can't be, before any memory is taken for it."""
    bits = int(head.get("BitsAllocated") or 8)
    syntax = head.file_meta.get("TransferSyntaxUID") if hasattr(head, "file_meta") else None
    packed = syntax is not None and (syntax.is_compressed or syntax.is_deflated)
    room = file.stat().st_size * (_PACKED_AT_MOST if packed else 1)
    claim = f"{head.Rows} x {head.Columns}, {frames} frames of {bits} bits"
    check_room(file, frames * int(head.Rows) * int(head.Columns) * bits // 8, room, claim)
