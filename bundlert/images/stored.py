"""Stored numbers: in a file from some byte on, as they are, deflated or written out as text.

isal inflates, several times faster than zlib, straight into the array.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from isal import igzip, isal_zlib

from bundlert.images.claims import DEFLATE_AT_MOST, check_room, claim_of, damaged, ends_early
from bundlert.text import human_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKINGS = ("raw", "gzip", "zlib", "text")
_STEP_BYTES = 1 << 18
_BLOCK = 1 << 15  # numbers that stay in the cache while they are scaled
_TEXT_AT_LEAST = 2  # bytes of a number: a digit and a space
_KEPT = {"uint8": "uint8", "int8": "int16", "int16": "int16", "uint16": "int32", "int32": "int32"}
_KEPT |= {"uint32": "int64", "int64": "int64"}


@dataclass(frozen=True)
class Stored:
    """Where the numbers of an image are.

    Args:
        file: The file that has them; not always the one with the header.
        shape: Sizes in the order of the file, the axis first whose neighbours are neighbours in the file.
        dtype: Of one number, with its byte order.
        offset: The byte where they begin.
        packing: `raw`, `gzip`, `zlib` or `text`.
        skip: Bytes to pass over once they are unpacked.
    """

    file: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int = 0
    packing: str = "raw"
    skip: int = 0

    @property
    def size_bytes(self) -> int:
        """The size of all numbers, unpacked."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def claim(self) -> str:
        """What messages call them: `3 x 4 x 5 int16`."""
        return claim_of(self.shape, self.dtype)


def check_stored(stored: Stored) -> None:
    """Refuse what can't be.

    Raises:
        DataError: The file is smaller than such numbers can be.
    """
    room = stored.file.stat().st_size - stored.offset
    if stored.packing == "text":
        check_room(stored.file, math.prod(stored.shape) * _TEXT_AT_LEAST - 1, room, stored.claim)
    else:
        room *= 1 if stored.packing == "raw" else DEFLATE_AT_MOST
        check_room(stored.file, stored.size_bytes, room - stored.skip, stored.claim)


def read_stored(stored: Stored) -> NDArray[Any]:
    """The numbers, in a row. No memory is taken before `check_stored` has passed.

    Raises:
        DataError: The file is damaged or ends early.
    """
    check_stored(stored)
    with stored.file.open("rb") as raw, unpacked(stored.file, raw, stored.packing, stored.offset) as opened:
        if stored.packing == "text":
            return _written_out(stored, opened)
        _pass_over(stored.skip, opened)
        return fill(stored, opened)


def fill(stored: Stored, opened: BinaryIO) -> NDArray[Any]:
    """The numbers from where an unpacked stream stands, in a row.

    Raises:
        DataError: It ends before the last of them.
    """
    numbers = np.empty(math.prod(stored.shape), stored.dtype)
    room, done = numbers.view(np.uint8).data, 0
    while done < len(room):
        count = opened.readinto(room[done:])  # type: ignore[attr-defined]
        if not count:
            raise ends_early(
                stored.file,
                f"{human_size(done)} of voxels",
                f"{human_size(stored.size_bytes)}, as its header says: {stored.claim}",
            )
        done += count
    return numbers


@contextmanager
def unpacked(file: Path, raw: BinaryIO, packing: str, offset: int = 0) -> Iterator[BinaryIO]:
    """A stream of what an open file holds from `offset` on, inflated.

    Raises:
        DataError: Something is wrong with the packing, told of `file`; also from inside the block.
    """
    raw.seek(offset)
    try:
        if packing == "gzip":
            yield cast("BinaryIO", igzip.IGzipFile(fileobj=raw))  # type: ignore[no-untyped-call]
        elif packing == "zlib":
            yield cast("BinaryIO", _Inflated(raw))
        else:
            yield raw
    except EOFError:
        raise ends_early(file, f"a {packing} stream without its end") from None
    except (igzip.BadGzipFile, isal_zlib.error) as error:  # type: ignore[misc]
        raise damaged(file, str(error), packing) from error


def true_values(stored: NDArray[Any], slope: float = 1.0, inter: float = 0.0) -> NDArray[Any]:
    """`stored * slope + inter`. Integers without scaling stay integers that torch knows, all else is float32."""
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 can't hold is infinite
        if (slope, inter) == (1, 0):
            return stored.astype(_KEPT.get(stored.dtype.name, "float32"), copy=False)
        flat, values = stored.reshape(-1), np.empty(stored.size, np.float32)
        for begin in range(0, stored.size, _BLOCK):
            block = values[begin : begin + _BLOCK]
            block[:] = flat[begin : begin + _BLOCK]
            block *= np.float32(slope)
            block += np.float32(inter)
        return values.reshape(stored.shape)


class _Inflated(io.RawIOBase):
    """A zlib stream as a file that can be read once."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._stream = isal_zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        view = memoryview(room)
        while not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._raw.read(_STEP_BYTES)
            part = self._stream.decompress(packed, min(len(view), 1 << 20))  # it may hold back some, even at the end
            if part:
                view[: len(part)] = part
                return len(part)
            if not packed and not self._stream.eof:
                raise EOFError
        return 0


def _pass_over(count: int, opened: BinaryIO) -> None:
    """Read and forget; what is missing is told by who reads on."""
    while count > 0 and (passed := opened.read(min(count, _STEP_BYTES))):
        count -= len(passed)


def _written_out(stored: Stored, opened: BinaryIO) -> NDArray[Any]:
    """Numbers that are written out in decimal, with spaces between them."""
    words, count = opened.read().split(), math.prod(stored.shape)
    if len(words) < count:
        raise ends_early(stored.file, f"{len(words)} numbers", f"{count}, as its header says: {stored.claim}")
    number = float if stored.dtype.kind == "f" else int
    try:
        return np.fromiter(map(number, words[:count]), stored.dtype, count)
    except (ValueError, OverflowError) as error:
        raise damaged(stored.file, str(error), "numbers as text") from error
