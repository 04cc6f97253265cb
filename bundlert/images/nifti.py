"""NIfTI-1 and NIfTI-2 in one file, `.nii` or `.nii.gz`.

nibabel parses the header, isal inflates and deflates, several times faster than zlib.

Source: the NIfTI-1 and NIfTI-2 data formats, https://nifti.nimh.nih.gov.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.files import atomic
from bundlert.images.claims import checked_grid, ends_early, wrong_header
from bundlert.images.grid import Affine, Grid
from bundlert.images.gzip_stream import gzip_stream
from bundlert.images.stored import Stored, check_stored, fill, true_values, unpacked

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

SUFFIXES = (".nii", ".nii.gz")
_VOXELS_AT = 352
_HEADER_BYTES = {348: "Nifti1Header", 540: "Nifti2Header"}


@dataclass(frozen=True)
class Header:
    """What a NIfTI header says, checked.

    Args:
        stored: Where the voxels are, [X, Y, Z, C].
        grid: Where they lie.
        slope: Stored values are multiplied by this.
        inter: Then this is added.
    """

    stored: Stored
    grid: Grid
    slope: float
    inter: float


def read_nifti_grid(file: Path) -> Grid:
    """Where the voxels of a file lie; only its head is read."""
    with file.open("rb") as raw, unpacked(file, raw, _packing(file)) as opened:
        return _read_header(file, opened).grid


def read_nifti(file: Path) -> tuple[Tensor, Grid]:
    """The voxels [C, X, Y, Z] of a file and where they lie.

    Values are true values, scl_slope and scl_inter applied. Integers without scaling stay integers (int16 as int16),
    all else is float32.

    Raises:
        DataError: The file is no NIfTI, is damaged or ends early, or claims more than it can hold.
    """
    with file.open("rb") as raw, unpacked(file, raw, _packing(file)) as opened:
        header = _read_header(file, opened)
        opened.seek(header.stored.skip)
        numbers = fill(header.stored, opened)
    voxels = torch.from_numpy(true_values(numbers, header.slope, header.inter))
    return voxels.reshape(header.stored.shape[::-1]).permute(0, 3, 2, 1), header.grid


def write_nifti(voxels: NDArray[Any], affine: Affine, file: Path) -> None:
    """Write [X, Y, Z] or [X, Y, Z, C] in the array's dtype; sform and qform both say `affine`, in mm.

    The affine is kept bit by bit if it came from an sform (float32). `.nii.gz` is compressed at level 1.
    """
    numbers = np.ascontiguousarray(voxels.T)  # the first axis is the fastest in the file
    contents: list[bytes | memoryview] = [_head_of(voxels, affine), numbers.reshape(-1).view(np.uint8).data]
    with atomic(file) as temporary, temporary.open("wb") as opened:
        opened.writelines(gzip_stream(contents) if _packing(file) == "gzip" else contents)


def _head_of(voxels: NDArray[Any], affine: Affine) -> bytes:
    """The header of a file with these voxels, and the mark that no extension follows."""
    import nibabel  # noqa: PLC0415 (heavy)

    header = nibabel.Nifti1Header()  # type: ignore[no-untyped-call]
    header.set_data_dtype(voxels.dtype)  # type: ignore[no-untyped-call]
    header.set_data_shape(voxels.shape)  # type: ignore[no-untyped-call]
    header.set_zooms([*np.linalg.norm(affine[:3, :3], axis=0), 1.0][: voxels.ndim])  # type: ignore[no-untyped-call]
    header.set_sform(affine, code=1)  # type: ignore[no-untyped-call]
    header.set_qform(affine, code=1)  # type: ignore[no-untyped-call]
    header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    header.set_slope_inter(1, 0)  # type: ignore[no-untyped-call]
    header.set_data_offset(_VOXELS_AT)  # type: ignore[no-untyped-call]
    return bytes(header.binaryblock) + bytes(_VOXELS_AT - 348)


def _packing(file: Path) -> str:
    return "gzip" if file.name.lower().endswith(".gz") else "raw"


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
        raise ends_early(file, f"{len(head)} bytes", f"a header of {size} bytes")
    try:
        raw = getattr(nibabel, _HEADER_BYTES[size])(head, check=False)
        raw.check_fix(logger=logging.Logger("nifti", logging.CRITICAL), error_level=40)
        affine, dtype, offset = np.asarray(raw.get_best_affine(), float), raw.get_data_dtype(), raw.get_data_offset()
        sizes, (slope, inter) = tuple(int(n) for n in raw.get_data_shape()), raw.get_slope_inter()
        stored = Stored(file, _shape(file, sizes), dtype, packing=_packing(file), skip=int(offset))
    except (nibabel.spatialimages.HeaderDataError, nibabel.spatialimages.HeaderTypeError, ValueError) as error:
        raise wrong_header(file, str(error)) from error
    if dtype.kind not in "iuf" or stored.skip < size:
        raise _unusable(file, stored, size)
    check_stored(stored)
    return Header(stored, checked_grid(file, stored.shape[:3], affine), slope or 1.0, inter or 0.0)


def _shape(file: Path, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """[X, Y, Z, C] of a header's sizes, whose axes after the third may hold channels along one of them."""
    sizes = (*sizes, 1, 1, 1)[: max(4, len(sizes))]
    channels = [size for size in sizes[3:] if size != 1]
    if min(sizes) < 1 or len(channels) > 1:
        raise DataError(f"image '{file}' has no usable shape", got=str(sizes), expected="[X, Y, Z] or [X, Y, Z, C]")
    return (*sizes[:3], *(channels or [1]))


def _unusable(file: Path, stored: Stored, size: int) -> DataError:
    if stored.skip < size:
        return wrong_header(file, f"voxels from byte {stored.skip}", f"at least {size}, behind the header")
    return DataError(f"image '{file}' has no voxels of one number", got=str(stored.dtype), expected="int or float")
