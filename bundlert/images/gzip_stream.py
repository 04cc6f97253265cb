"""A gzip stream of large content: deflated by isal at level 1, pieces of it at the same time.

The pieces are joined to one member, so that readers who know of no second one find all of it.

Source: RFC 1952.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from isal import isal_zlib

_HEAD = b"\x1f\x8b\x08" + bytes(5) + b"\x04\xff"  # deflate, no name, no time, the fastest level, any system
_PIECE_BYTES = 1 << 20
_THREADS_AT_MOST = 4
_SMALL_PART = 1 / 8
_FEW = 4
_RAW = -15


def gzip_stream(contents: Sequence[bytes | memoryview]) -> list[bytes]:
    """The parts of one gzip stream that holds some contents in a row; the same for the same contents.

    Args:
        contents: Bytes, at least one.
    """
    views = [memoryview(content).cast("B") for content in contents]
    pieces = [view[at : at + _PIECE_BYTES] for view in views for at in range(0, len(view), _PIECE_BYTES)]
    half = len(pieces) // 2 + 1
    packed = [_deflated(piece) for piece in pieces[half - 1 : half]]  # from the middle: margins are often empty
    if len(pieces) < _FEW or sum(map(len, packed)) < _SMALL_PART * _PIECE_BYTES:  # done before a thread has begun
        before, after = [*map(_deflated, pieces[: half - 1])], [*map(_deflated, pieces[half:])]
    else:
        with ThreadPoolExecutor(min(_THREADS_AT_MOST, os.cpu_count() or 1)) as pool:
            begun = [pool.map(_deflated, part) for part in (pieces[: half - 1], pieces[half:])]
            before, after = [*begun[0]], [*begun[1]]
    check = 0
    for piece in pieces:
        check = isal_zlib.crc32(piece, check)
    end = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _RAW).flush()
    return [_HEAD, *before, *packed, *after, end, struct.pack("<II", check, sum(map(len, pieces)) & 0xFFFFFFFF)]


def _deflated(piece: memoryview) -> bytes:
    """One piece, so that another can follow it."""
    stream = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _RAW)
    return bytes(stream.compress(piece) + stream.flush(isal_zlib.Z_FULL_FLUSH))
