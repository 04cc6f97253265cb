"""The directories of a TIFF slide: which levels it has, where their tiles are, and whether they can be there."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bundlert.errors import DataError
from bundlert.images.claims import ends_early

if TYPE_CHECKING:
    from tifffile import TiffFile

_TILE_BYTES_AT_MOST = 1 << 26
"""A level in fewer, larger pieces can't be read by region."""
_MICROMETRES = {2: 25400.0, 3: 10000.0}  # ResolutionUnit: inch, centimetre


class Tile(NamedTuple):
    """One piece of a level, a tile or a strip: its number, and its first pixel (x, y)."""

    number: int
    x: int
    y: int


@dataclass(frozen=True)
class Level:
    """One level: its directory, as tifffile has it, and how it is cut.

    Args:
        page: The directory.
        size: Pixels (x, y).
        tile: Pixels (x, y) of a piece.
    """

    page: Any
    size: tuple[int, int]
    tile: tuple[int, int]

    def tiles(self, begin: tuple[int, int], size: tuple[int, int]) -> Iterator[Tile]:
        """The pieces that a region touches."""
        across = -(-self.size[0] // self.tile[0])
        for row in range(begin[1] // self.tile[1], -(-(begin[1] + size[1]) // self.tile[1])):
            for column in range(begin[0] // self.tile[0], -(-(begin[0] + size[0]) // self.tile[0])):
                yield Tile(row * across + column, column * self.tile[0], row * self.tile[1])


@dataclass
class Directories:
    """An open TIFF file and its levels. Several threads may read."""

    tiff: TiffFile
    file: Path
    levels: tuple[Level, ...]
    mpp: tuple[float, float] | None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def packed(self, level: Level, number: int) -> bytes:
        """The bytes of a piece as the file has them; none where it was left out."""
        offset, count = level.page.dataoffsets[number], level.page.databytecounts[number]
        if not offset or not count:
            return b""
        with self.lock:
            self.tiff.filehandle.seek(offset)
            return bytes(self.tiff.filehandle.read(count))

    def close(self) -> None:
        """Let go of the file."""
        self.tiff.close()


def open_directories(file: Path) -> Directories:
    """The levels of a TIFF slide, looked at without a pixel being read.

    Raises:
        ImportError: tifffile is missing.
        DataError: It is no TIFF with levels of 8-bit grey or RGB in small pieces, or is cut short.
    """
    import tifffile  # noqa: PLC0415 (an extra)

    try:
        tiff = tifffile.TiffFile(file)
    except (tifffile.TiffFileError, ValueError, OSError, IndexError, KeyError, TypeError) as error:
        raise DataError(f"slide '{file}' is no TIFF", got=str(error) or type(error).__name__) from error
    try:
        return Directories(tiff, file, tuple(_levels(file, tiff)), _mpp(tiff))
    except BaseException as error:
        tiff.close()
        if isinstance(error, tifffile.TiffFileError | ValueError | IndexError | KeyError | TypeError):
            raise DataError(f"slide '{file}' has a wrong header", got=str(error)) from error
        raise


def _levels(file: Path, tiff: TiffFile) -> Iterator[Level]:
    size_bytes = file.stat().st_size
    for series in tiff.series[0].levels:
        page: Any = series.keyframe
        if (
            page.bitspersample != 8
            or page.samplesperpixel not in (1, 3, 4)
            or page.planarconfig != 1
            or page.imagedepth != 1
        ):
            raise DataError(
                f"slide '{file}' has pixels of another kind",
                got=f"{page.samplesperpixel} channels of {page.bitspersample} bits, {page.photometric.name}",
                expected="grey, RGB or RGBA of 8 bits",
            )
        tile = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, page.rowsperstrip)
        level = Level(page, (page.imagewidth, page.imagelength), (tile[0], min(tile[1], page.imagelength)))
        if tile[0] * level.tile[1] * page.samplesperpixel > _TILE_BYTES_AT_MOST:
            raise DataError(
                f"slide '{file}' can't be read by region",
                got=f"a level of {level.size} pixels in pieces of {level.tile}",
                expected="tiles",
            )
        _check_pieces(file, level, size_bytes)
        yield level


def _check_pieces(file: Path, level: Level, size_bytes: int) -> None:
    """Refuse a level whose pieces can't all be in the file."""
    needed = sum(1 for _ in level.tiles((0, 0), level.size))
    offsets, counts = level.page.dataoffsets, level.page.databytecounts
    end = max((offset + count for offset, count in zip(offsets, counts, strict=False)), default=0)
    if len(offsets) < needed or len(counts) < needed or end > size_bytes:
        raise ends_early(
            file, f"{min(len(offsets), len(counts))} pieces, {size_bytes} bytes", f"{needed} pieces, {end} bytes"
        )


def _mpp(tiff: TiffFile) -> tuple[float, float] | None:
    """Micrometres per pixel: as Aperio writes them, or from the resolution."""
    page: Any = tiff.series[0].levels[0].keyframe
    found = re.search(r"\bMPP\s*=\s*([\d.]+)", page.description or "")
    if page.is_svs and found and float(found[1]) > 0:
        return float(found[1]), float(found[1])
    unit = _MICROMETRES.get(int(page.tags.valueof("ResolutionUnit", 0)))
    sides = [page.tags.valueof(f"{axis}Resolution", (0, 1)) for axis in "XY"]
    if unit is None or not all(number > 0 and below > 0 for number, below in sides):
        return None
    x, y = (unit * below / number for number, below in sides)
    return x, y
