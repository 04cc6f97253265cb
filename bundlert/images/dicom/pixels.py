"""The pixels of DICOM files: unpacked by pydicom and its plug-ins, rescaled frame by frame."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.errors import DataError
from bundlert.images.claims import ends_early

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.images.dicom.planes import Plane

_EXTRA = "pip install 'bundlert[dicom]'"
_PACKED = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
_PACKED_END = b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
_FAULTS = (AttributeError, EOFError, IndexError, NotImplementedError, OSError, RuntimeError, TypeError, ValueError)


def read_planes(planes: Sequence[Plane]) -> NDArray[Any]:
    """The true values [Z, Y, X] of planes: int16 where all values are such, else float32.

    Raises:
        DataError: The pixels of a file are cut short or damaged, or packed in a way that nothing installed can read.
    """
    stored: dict[Path, NDArray[Any]] = {}
    values = []
    for plane in planes:
        if plane.file not in stored:
            stored = {plane.file: _frames(plane.file)}
        values.append(_true_values(stored[plane.file][plane.frame], plane.slope, plane.inter))
    voxels = np.empty((len(values), *values[0].shape), np.result_type(*values))
    for target, plane_values in zip(voxels, values, strict=True):
        target[:] = plane_values
    return voxels


def _frames(file: Path) -> NDArray[Any]:
    """What a file stores, [frame, Y, X]."""
    import pydicom  # noqa: PLC0415 (heavy)

    content = file.read_bytes()
    begin = content.rfind(_PACKED)
    if begin >= 0 and content.find(_PACKED_END, begin) < 0:  # pydicom would go on with what there is
        raise ends_early(file, "packed pixels without their end")
    try:
        pixels = pydicom.dcmread(io.BytesIO(content)).pixel_array
    except _FAULTS as error:
        text = str(error)
        first = text.partition("\n")[0] or type(error).__name__
        raise DataError(
            f"the pixels of '{file}' can't be read",
            got=first,
            hint=_EXTRA if "missing dependencies" in text else None,
        ) from error
    return pixels[None] if pixels.ndim == 2 else pixels


def _true_values(stored: NDArray[Any], slope: float, inter: float) -> NDArray[Any]:
    """Rescaled values: int16 where they all are such, else float32."""
    if slope == 1 and inter == int(inter) and stored.dtype.kind in "iu":
        values = stored.astype(np.int64) + int(inter)
        limits = np.iinfo(np.int16)
        if values.min() >= limits.min and values.max() <= limits.max:
            return values.astype(np.int16)
    return stored.astype(np.float32) * np.float32(slope) + np.float32(inter)
