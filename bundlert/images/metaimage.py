"""MetaImage, in one file (`.mha`) or with a header of its own (`.mhd`): raw, zlib or text.

Source: https://itk.org/Wiki/ITK/MetaIO/Documentation; where it leaves a choice, as ITK reads it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.images.claims import checked_grid, damaged, ends_early, wrong_header
from bundlert.images.detached import detached_file
from bundlert.images.grid import Affine, Grid
from bundlert.images.stored import Stored, check_stored, read_stored, true_values

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".mha", ".mhd")
_HEAD_BYTES = 1 << 20
_DTYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_LPS_TO_RAS = (-1.0, -1.0, 1.0)


@dataclass(frozen=True)
class Header:
    """What a MetaImage header says, checked.

    Args:
        stored: Where the numbers are: the channels of a voxel first, then X, Y, Z and time.
        order: The dimensions of space, 2 or 3.
        grid: Where the voxels lie.
    """

    stored: Stored
    order: int
    grid: Grid


def read_metaimage_grid(file: Path) -> Grid:
    """Where the voxels of a file lie; only its header is read."""
    return _read_header(file).grid


def read_metaimage(file: Path) -> tuple[Tensor, Grid]:
    """The voxels [C, X, Y, Z] of a file, or [C, X, Y] of one with two dimensions, and where they lie in RAS+ mm.

    Channels are those of each voxel, or the steps of a fourth dimension. Integers stay integers (int16 as int16),
    float64 is read as float32. As in ITK, the center of rotation and ElementToIntensityFunction are passed over.

    Raises:
        DataError: The file is no MetaImage, is damaged or ends early, or claims more than it can hold.
    """
    header = _read_header(file)
    sizes = header.stored.shape
    voxels = torch.from_numpy(true_values(read_stored(header.stored))).reshape(sizes[::-1])
    voxels = voxels.permute(*reversed(range(len(sizes))))  # [channels, X, Y, Z, time]
    if len(sizes) == header.order + 2:
        return voxels[0].movedim(-1, 0), header.grid
    return voxels, header.grid


def _read_header(file: Path) -> Header:
    fields, end = _fields(file)
    order = _integers(file, fields, "NDims")[0]
    sizes = _integers(file, fields, "DimSize")
    channels = _integers(file, {"ElementNumberOfChannels": "1", **fields}, "ElementNumberOfChannels")[0]
    if not 2 <= order <= 4 or len(sizes) != order or min(*sizes, channels) < 1 or (order == 4 and channels > 1):
        raise wrong_header(
            file,
            f"NDims {order}, DimSize {fields['DimSize']}, {channels} channels",
            "2 or 3 dimensions, or 4 as [X, Y, Z, C]",
        )
    spatial = min(order, 3)
    grid = checked_grid(file, sizes[:spatial], _affine(file, fields, order, spatial))
    stored = _stored(file, fields, end, (channels, *sizes))
    check_stored(stored)
    return Header(stored, spatial, grid)


def _fields(file: Path) -> tuple[dict[str, str], int]:
    """The fields by name, up to ElementDataFile, and the byte behind it."""
    fields: dict[str, str] = {}
    with file.open("rb") as opened:
        while "ElementDataFile" not in fields:
            line = opened.readline(_HEAD_BYTES)
            name, equals, value = line.decode("utf-8", "replace").partition("=")
            if not equals or opened.tell() > _HEAD_BYTES:
                raise _no_field(file, fields, line)
            fields[name.strip()] = value.strip()
        return fields, opened.tell()


def _no_field(file: Path, fields: dict[str, str], line: bytes) -> DataError:
    if not fields:
        return DataError(
            f"image '{file}' is no MetaImage", got=f"a head of {line[:8]!r}", expected="ObjectType = Image"
        )
    if not line:
        return ends_early(file, "a header", "ElementDataFile, and voxels behind it")
    return damaged(file, f"a line '{line.decode('utf-8', 'replace').strip():.40}' in its header", "name = value")


def _affine(file: Path, fields: dict[str, str], order: int, spatial: int) -> Affine:
    """The affine into RAS+ mm. The file writes direction by direction: one column of the matrix after the other."""
    default = " ".join(map(str, np.eye(order).ravel()))
    matrix = _numbers(file, fields, ("TransformMatrix", "Orientation", "Rotation"), default, order * order)
    spacing = _numbers(file, fields, ("ElementSpacing", "ElementSize"), "1 " * order, order)
    origin = _numbers(file, fields, ("Offset", "Position", "Origin"), "0 " * order, order)
    if not np.isfinite((*matrix, *spacing, *origin)).all():
        raise wrong_header(file, f"a place of {matrix}, {spacing}, {origin}", "finite numbers")
    columns = matrix.reshape(order, order).T * spacing
    signs = np.array(_LPS_TO_RAS[:spatial])
    affine: Affine = np.eye(spatial + 1)
    affine[:-1, :-1] = signs[:, None] * columns[:spatial, :spatial]
    affine[:-1, -1] = signs * origin[:spatial]
    return affine


def _stored(file: Path, fields: dict[str, str], end: int, sizes: tuple[int, ...]) -> Stored:
    """Where the numbers are, in this file or in another."""
    name = _DTYPES.get(fields.get("ElementType", ""))
    if name is None:
        raise wrong_header(file, f"ElementType {fields.get('ElementType')}", f"one of {', '.join(_DTYPES)}")
    big = _is_true(fields, "BinaryDataByteOrderMSB") or _is_true(fields, "ElementByteOrderMSB")
    dtype = np.dtype(name).newbyteorder(">" if big else "<")
    packing = "zlib" if _is_true(fields, "CompressedData") else "raw"
    if not _is_true({"BinaryData": "True", **fields}, "BinaryData"):
        packing = "text"
    place = fields["ElementDataFile"]
    if place.upper() == "LOCAL":
        return Stored(file, sizes, dtype, end, packing)
    file = detached_file(file, place)
    skip = int(fields["HeaderSize"]) if re.fullmatch(r"-1|\d+", fields.get("HeaderSize", "")) else 0
    if skip == -1:
        skip = max(file.stat().st_size - math.prod(sizes) * dtype.itemsize, 0)
    return Stored(file, sizes, dtype, skip, packing)


def _is_true(fields: dict[str, str], name: str) -> bool:
    return fields.get(name, "").lower() in ("true", "t", "1", "yes")


def _integers(file: Path, fields: dict[str, str], name: str) -> list[int]:
    text = fields.get(name, "nothing")
    if not re.fullmatch(r"\d+(\s+\d+)*", text):
        raise wrong_header(file, f"{name} = {text}", "whole numbers")
    return [int(word) for word in text.split()]


def _numbers(file: Path, fields: dict[str, str], names: tuple[str, ...], default: str, count: int) -> Affine:
    """The values of a field that has several names."""
    name = next((name for name in names if name in fields), names[0])
    text = fields.get(name, default)
    try:
        values = np.array([float(word) for word in text.split()])
    except ValueError as error:
        raise wrong_header(file, f"{name} = {text}", "numbers") from error
    if len(values) != count:
        raise wrong_header(file, f"{name} = {text}", f"{count} numbers")
    return values
