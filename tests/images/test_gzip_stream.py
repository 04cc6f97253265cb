from __future__ import annotations

import gzip
import zlib

import numpy as np
import pytest

from bundlert.images.gzip_stream import gzip_stream


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3_500_000])
def test_the_contents_come_back_in_one_member(size):
    noise = np.random.default_rng(0).integers(0, 9, size).astype(np.uint8)
    packed = b"".join(gzip_stream([b"head", noise.data]))
    stream = zlib.decompressobj(31)
    assert stream.decompress(packed) == b"head" + noise.tobytes()
    assert stream.eof
    assert not stream.unused_data
    assert gzip.decompress(packed) == b"head" + noise.tobytes()


def test_numbers_of_any_kind_are_taken_as_bytes():
    numbers = np.arange(1000, dtype=np.float32)
    assert gzip.decompress(b"".join(gzip_stream([numbers.data]))) == numbers.tobytes()


def test_the_same_contents_give_the_same_bytes():
    noise = np.random.default_rng(0).integers(0, 255, 5_000_000).astype(np.uint8)
    assert gzip_stream([noise.data]) == gzip_stream([noise.data])
