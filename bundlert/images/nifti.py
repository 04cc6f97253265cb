"""NIfTI-1 and NIfTI-2 in one file, `.nii` or `.nii.gz`.

nibabel parses the header, isal inflates and deflates, several times faster than zlib.

Source: the NIfTI-1 and NIfTI-2 data formats, https://nifti.nimh.nih.gov.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
import torch
from isal import igzip, isal_zlib

from bundlert.errors import DataError
from bundlert.files import atomic
from bundlert.images.grid import Affine, Grid, affine_fault
from bundlert.text import human_size

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

SUFFIXES = (".nii", ".nii.gz")
_HEADER_BYTES = {348: "Nifti1Header", 540: "Nifti2Header"}
_GZIP_AT_MOST = 1032
"""Deflate can't make a file smaller than this part: 258 bytes take 2 bits."""
_KEPT = {"uint8": "uint8", "int8": "int16", "int16": "int16", "uint16": "int32", "int32": "int32"}
_KEPT |= {"uint32": "int64", "int64": "int64"}


@dataclass(frozen=True)
class Header:
    """What a NIfTI header says, checked.

    Args:
        shape: Spatial sizes and the number of channels, [X, Y, Z, C].
        grid: Where the voxels lie.
        dtype: How they are stored.
        slope: Stored values are multiplied by this.
        inter: Then this is added.
        offset: The byte where voxels begin.
    """

    shape: tuple[int, ...]
    grid: Grid
    dtype: np.dtype[Any]
    slope: float
    inter: float
    offset: int

    @property
    def voxel_bytes(self) -> int:
        """The size of all stored voxels."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_nifti_grid(file: Path) -> Grid:
    """Where the voxels of a file lie; only its head is read."""
    with _opened(file) as opened:
        return _read_header(file, opened).grid


def read_nifti(file: Path) -> tuple[Tensor, Grid]:
    """The voxels [C, X, Y, Z] of a file and where they lie.

    Values are true values, scl_slope and scl_inter applied. Integers without scaling stay integers (int16 as int16),
    all else is float32.

    Raises:
        DataError: The file is no NIfTI, is damaged or ends early, or claims more than it can hold.
    """
    with _opened(file) as opened:
        header = _read_header(file, opened)
        opened.seek(header.offset)
        stored = np.empty(math.prod(header.shape), header.dtype)
        found = _fill(opened, stored.view(np.uint8).data)
    if found < header.voxel_bytes:
        raise DataError(
            f"image '{file}' ends early",
            got=f"{human_size(found)} of voxels",
            expected=f"{human_size(header.voxel_bytes)}, as its header says: {_claim(header)}",
            hint="copy or download it again",
        )
    voxels = torch.from_numpy(_true_values(stored, header))
    return voxels.reshape(header.shape[::-1]).permute(0, 3, 2, 1), header.grid


def write_nifti(voxels: NDArray[Any], affine: Affine, file: Path) -> None:
    """Write [X, Y, Z] or [X, Y, Z, C] in the array's dtype; sform and qform both say `affine`, in mm.

    The affine is kept bit by bit if it came from an sform (float32). `.nii.gz` is compressed at level 1.
    """
    import nibabel  # noqa: PLC0415 (heavy)

    image = nibabel.Nifti1Image(voxels, affine)  # type: ignore[no-untyped-call]
    image.set_sform(affine, code=1)  # type: ignore[no-untyped-call]
    image.set_qform(affine, code=1)  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    content = image.to_bytes()
    with atomic(file) as temporary:
        temporary.write_bytes(igzip.compress(content, 1, mtime=0) if file.name.lower().endswith(".gz") else content)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file's bytes, inflated. What goes wrong with them is told as a DataError."""
    try:
        with file.open("rb") as raw:
            inflated = igzip.IGzipFile(fileobj=raw) if file.name.lower().endswith(".gz") else raw  # type: ignore[no-untyped-call]
            yield cast("BinaryIO", inflated)
    except EOFError:
        raise DataError(
            f"image '{file}' ends early", got="a gzip stream without its end", hint="copy or download it again"
        ) from None
    except (igzip.BadGzipFile, isal_zlib.error) as error:  # type: ignore[misc]
        raise DataError(
            f"image '{file}' is damaged", got=str(error), expected="gzip", hint="copy or download it again"
        ) from error


def _read_header(file: Path, opened: BinaryIO) -> Header:
    """Parse and check the head of a file."""
    import nibabel  # noqa: PLC0415 (heavy)

    head = opened.read(4)
    size = next((n for n in _HEADER_BYTES if head in (n.to_bytes(4, "little"), n.to_bytes(4, "big"))), None)
    if size is None:
        raise DataError(
            f"image '{file}' is no NIfTI", got=f"a head of {head!r}", expected="a header of 348 or 540 bytes"
        )
    head += opened.read(size - 4)
    if len(head) < size:
        raise DataError(f"image '{file}' ends early", got=f"{len(head)} bytes", expected=f"a header of {size} bytes")
    try:
        raw = getattr(nibabel, _HEADER_BYTES[size])(head, check=False)
        raw.check_fix(logger=logging.Logger("nifti", logging.CRITICAL), error_level=40)
        affine, dtype = np.asarray(raw.get_best_affine(), np.float64), raw.get_data_dtype()
        sizes, (slope, inter) = tuple(int(n) for n in raw.get_data_shape()), raw.get_slope_inter()
    except (nibabel.spatialimages.HeaderDataError, nibabel.spatialimages.HeaderTypeError, ValueError) as error:
        raise DataError(f"image '{file}' has a wrong header", got=str(error)) from error
    shape = _shape(file, sizes)
    if fault := affine_fault(affine):
        raise DataError(f"image '{file}' has no usable place: its affine {fault}", got=str(affine.tolist()))
    header = Header(shape, Grid(shape[:3], affine), dtype, slope or 1.0, inter or 0.0, int(raw.get_data_offset()))
    _check_claim(file, header)
    return header


def _shape(file: Path, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """[X, Y, Z, C] of a header's sizes, whose axes after the third may hold channels along one of them."""
    sizes = (*sizes, 1, 1, 1)[: max(4, len(sizes))]
    channels = [size for size in sizes[3:] if size != 1]
    if min(sizes) < 1 or len(channels) > 1:
        raise DataError(f"image '{file}' has no usable shape", got=str(sizes), expected="[X, Y, Z] or [X, Y, Z, C]")
    return (*sizes[:3], *(channels or [1]))


def _check_claim(file: Path, header: Header) -> None:
    """Refuse what can't be, before any memory is taken for it."""
    if header.dtype.kind not in "iuf":
        raise DataError(f"image '{file}' has no voxels of one number", got=str(header.dtype), expected="int or float")
    size = file.stat().st_size
    room = size * _GZIP_AT_MOST if file.name.lower().endswith(".gz") else size - header.offset
    if header.voxel_bytes > room:
        raise DataError(
            f"image '{file}' claims more voxels than it can hold",
            got=f"a file of {human_size(size)}",
            expected=f"{human_size(header.voxel_bytes)}, as its header says: {_claim(header)}",
            hint="copy or download it again",
        )


def _claim(header: Header) -> str:
    return f"{' x '.join(str(size) for size in header.shape)} {header.dtype.name}"


def _fill(opened: BinaryIO, room: memoryview) -> int:
    """Read until the room is full or the file ends; gives the bytes read."""
    done = 0
    while done < len(room):
        count = opened.readinto(room[done:])  # type: ignore[attr-defined]
        if not count:
            break
        done += count
    return done


def _true_values(stored: NDArray[Any], header: Header) -> NDArray[Any]:
    if (header.slope, header.inter) == (1, 0):
        return stored.astype(_KEPT.get(header.dtype.name, "float32"), copy=False)
    values = stored.astype(np.float32, copy=False)
    return values * np.float32(header.slope) + np.float32(header.inter)
