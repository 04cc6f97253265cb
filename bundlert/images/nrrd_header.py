"""The text at the head of a NRRD file: fields, where the numbers are, where the voxels lie.

Source: https://teem.sourceforge.net/nrrd/format.html; where it leaves a choice, as ITK reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.errors import DataError
from bundlert.images.claims import checked_grid, damaged, ends_early, wrong_header
from bundlert.images.detached import detached_file, passed_lines
from bundlert.images.grid import Affine, Grid
from bundlert.images.stored import Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINE_BYTES, _HEAD_BYTES = 1 << 20, 1 << 24
_TYPES = {
    "int8": "i1, signed char, int8_t",
    "uint8": "u1, uchar, unsigned char, uint8_t",
    "int16": "i2, short, short int, signed short, signed short int, int16_t",
    "uint16": "u2, ushort, unsigned short, unsigned short int, uint16_t",
    "int32": "i4, int, signed int, int32_t",
    "uint32": "u4, uint, unsigned int, uint32_t",
    "int64": "i8, longlong, long long, long long int, signed long long, signed long long int, int64_t",
    "uint64": "u8, ulonglong, unsigned long long, unsigned long long int, uint64_t",
    "float32": "f4, float",
    "float64": "f8, double",
}
_DTYPES = {word: name for name, words in _TYPES.items() for word in (name, *words.split(", "))}
_PACKINGS = {"raw": "raw", "gz": "gzip", "gzip": "gzip", "txt": "text", "text": "text", "ascii": "text"}
_SPATIAL_KINDS = ("domain", "space")
_LPS = (-1, -1, 1)
"""What turns a space without anatomy into RAS+: ITK takes it for LPS, in two dimensions too."""
_TO_RAS = {
    **dict.fromkeys(("right-anterior-superior", "ras"), (1, 1, 1)),
    **dict.fromkeys(("left-anterior-superior", "las"), (-1, 1, 1)),
    **dict.fromkeys(("left-posterior-superior", "lps"), _LPS),
    **dict.fromkeys(("", "scanner-xyz", "3d-right-handed", "3d-left-handed"), _LPS),
}
_UNITS_MM = {"mm": 1.0, "millimeter": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3, "µm": 1e-3, "microns": 1e-3}


@dataclass(frozen=True)
class Header:
    """What a NRRD header says, checked.

    Args:
        stored: Where the numbers are.
        channel_axis: The axis of `stored` that isn't one of space, if any.
        grid: Where the voxels lie.
    """

    stored: Stored
    channel_axis: int | None
    grid: Grid


def read_header(file: Path) -> Header:
    """Parse and check the head of a `.nrrd` or `.nhdr` file.

    Raises:
        DataError: It is no NRRD, or says what can't be or isn't known.
    """
    fields, offset = _fields(file)
    sizes = _integers(file, fields, "sizes")
    if len(sizes) != _integers(file, fields, "dimension")[0] or min(sizes) < 1:
        raise wrong_header(file, f"sizes {fields['sizes']}", f"dimension {fields['dimension']}, each at least 1")
    vectors = _vectors(file, fields, len(sizes))
    spatial = [axis for axis, vector in enumerate(vectors) if vector is not None]
    others = [axis for axis in range(len(sizes)) if axis not in spatial]
    if not 2 <= len(spatial) <= 3 or len(others) > 1:
        raise wrong_header(file, f"{len(spatial)} axes of space in {len(sizes)}", "2 or 3, and at most one of channels")
    columns = np.array([vectors[axis] for axis in spatial]).T
    affine, missing = _affine(file, fields, columns)
    shape = [*(sizes[axis] for axis in spatial), *[1] * missing]
    grid = checked_grid(file, shape, affine)
    stored = _stored(file, fields, offset, (*sizes, *[1] * missing))
    return Header(stored, others[0] if others else None, grid)


def _fields(file: Path) -> tuple[dict[str, str], int]:
    """The fields by name, small letters without spaces, and the byte behind them."""
    fields: dict[str, str] = {}
    with file.open("rb") as opened:
        magic = opened.readline(16)
        if not re.fullmatch(rb"NRRD\d{4}\s*", magic):
            raise DataError(
                f"image '{file}' is no NRRD", got=f"a head of {magic[:8]!r}", expected="NRRD0001 to NRRD0005"
            )
        while line := opened.readline(_LINE_BYTES):
            if not line.strip(b"\r\n"):
                return fields, opened.tell()
            if opened.tell() > _HEAD_BYTES or (len(line) == _LINE_BYTES and not line.endswith(b"\n")):
                raise damaged(file, "a header without an end")
            text = line.decode("utf-8", "replace").strip()
            found = re.match(r"([^:#][^:]*):(?!=)(.*)", text)
            if found:
                fields[re.sub(r"\s", "", found[1]).lower()] = found[2].strip()
        if "datafile" in fields:
            return fields, opened.tell()
    raise ends_early(file, "a header", "an empty line, and voxels behind it")


def _stored(file: Path, fields: dict[str, str], offset: int, sizes: tuple[int, ...]) -> Stored:
    """Where the numbers are, in this file or in another."""
    packing = _PACKINGS.get(_word(file, fields, "encoding").lower())
    if packing is None:
        raise wrong_header(file, f"encoding {fields['encoding']}", "raw, gzip or text")
    if "datafile" in fields:
        file, offset = detached_file(file, fields["datafile"]), 0
    dtype = _dtype(file, fields, packing)
    skip = int(_numbers(file, "byte skip", fields.get("byteskip", "0"))[0])
    offset = passed_lines(file, offset, _integers(file, {"lineskip": "0", **fields}, "lineskip")[0])
    stored = Stored(file, sizes, dtype, offset, packing, max(skip, 0))
    if skip == -1 and packing == "raw":
        return Stored(file, sizes, dtype, max(file.stat().st_size - stored.size_bytes, 0))
    if skip < 0:
        raise wrong_header(file, f"byte skip {skip}", "0 or more; -1 for raw only")
    return stored


def _dtype(file: Path, fields: dict[str, str], packing: str) -> np.dtype[Any]:
    name = _DTYPES.get(_word(file, fields, "type").lower())
    if name is None:
        raise wrong_header(file, f"type {fields['type']}", f"one of {', '.join(_TYPES)}")
    dtype = np.dtype(name)
    if dtype.itemsize == 1 or packing == "text":
        return dtype
    endian = _word(file, fields, "endian").lower()
    if endian not in ("little", "big"):
        raise wrong_header(file, f"endian {endian}", "little or big")
    return dtype.newbyteorder("<" if endian == "little" else ">")


def _vectors(file: Path, fields: dict[str, str], order: int) -> list[NDArray[np.float64] | None]:
    """The step along each axis, in the space of the file; None for an axis that isn't one of space."""
    if "spacedirections" in fields:
        words = re.findall(r"none|\([^()]*\)", fields["spacedirections"])
        found = [None if word == "none" else _numbers(file, "space directions", word) for word in words]
        vectors = [None if one is None or np.isnan(one).all() else one for one in found]
        if len(vectors) != order or len({len(one) for one in vectors if one is not None}) != 1:
            raise wrong_header(file, f"space directions {fields['spacedirections']}", f"{order} vectors of one length")
        return vectors
    kinds = fields.get("kinds", "domain " * order).lower().split()
    spacings = _numbers(file, "spacings", fields.get("spacings", "1 " * order))
    if len(kinds) != order or len(spacings) != order:
        raise wrong_header(file, f"{len(kinds)} kinds, {len(spacings)} spacings", f"{order} of each")
    axes = [axis for axis in range(order) if kinds[axis] in _SPATIAL_KINDS]
    return [spacings[axis] * np.eye(len(axes))[axes.index(axis)] if axis in axes else None for axis in range(order)]


def _affine(file: Path, fields: dict[str, str], columns: NDArray[np.float64]) -> tuple[Affine, int]:
    """The affine into RAS+ mm, and how many axes the file lacks: one where it is a plane in three dimensions."""
    order, given = columns.shape
    if order not in (2, 3) or given > order:
        raise wrong_header(file, f"{given} axes in a space of {order} dimensions", "a space of 2 or 3")
    if given < order:
        normal = np.cross(columns[:, 0], columns[:, 1])
        columns = np.column_stack([columns, normal / max(float(np.linalg.norm(normal)), 1e-12)])
    origin = _numbers(file, "space origin", fields.get("spaceorigin", "0 " * order))
    if len(origin) != order:
        raise wrong_header(file, f"space origin {fields['spaceorigin']}", f"{order} numbers")
    turned = _TO_RAS.get(fields.get("space", "").lower())
    if turned is None:
        raise wrong_header(file, f"space {fields['space']}", f"one of {', '.join(filter(None, _TO_RAS))}")
    signs = np.array(turned[:order]) * _unit_mm(file, fields)
    affine: Affine = np.eye(order + 1)
    affine[:-1, :-1], affine[:-1, -1] = signs[:, None] * columns, signs * origin
    return affine, order - given


def _unit_mm(file: Path, fields: dict[str, str]) -> float:
    """How many mm one of the file's units is."""
    units = {word.strip().lower() for word in re.findall(r'"([^"]*)"', fields.get("spaceunits", ""))} - {""} or {"mm"}
    if len(units) != 1 or not units <= set(_UNITS_MM):
        raise wrong_header(file, f"space units {fields['spaceunits']}", f"one of {', '.join(_UNITS_MM)} for all axes")
    return _UNITS_MM[units.pop()]


def _word(file: Path, fields: dict[str, str], name: str) -> str:
    if name not in fields:
        raise wrong_header(file, f"no '{name}'", "type, dimension, sizes, encoding, and endian for more than one byte")
    return fields[name]


def _integers(file: Path, fields: dict[str, str], name: str) -> list[int]:
    text = _word(file, fields, name)
    if not re.fullmatch(r"\d+(\s+\d+)*", text):
        raise wrong_header(file, f"{name} {text}", "whole numbers")
    return [int(word) for word in text.split()]


def _numbers(file: Path, name: str, text: str) -> NDArray[np.float64]:
    try:
        return np.array([float(word) for word in text.strip("()").replace(",", " ").split()])
    except ValueError as error:
        raise wrong_header(file, f"{name} {text}", "numbers") from error
