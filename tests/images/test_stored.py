from __future__ import annotations

import gzip
import zlib

import numpy as np
import pytest

from bundlert.errors import DataError
from bundlert.images.stored import Stored, read_stored, true_values

NUMBERS = np.random.default_rng(0).integers(-300, 300, 1000).astype("<i2")
PACKED = {
    "raw": lambda content: content,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "text": lambda content: b"\n".join(b"%d" % number for number in np.frombuffer(content, "<i2")),
}


def stored_in(folder, packing, content=None, **options):
    file = folder / "voxels"
    file.write_bytes(b"head" + PACKED[packing](NUMBERS.tobytes() if content is None else content))
    options = {"shape": (10, 100), "dtype": np.dtype("<i2"), "offset": 4, **options}
    return Stored(file, packing=packing, **options)


@pytest.mark.parametrize("packing", PACKED)
def test_numbers_are_read_however_they_are_packed(tmp_path, packing):
    np.testing.assert_array_equal(read_stored(stored_in(tmp_path, packing)), NUMBERS)


@pytest.mark.parametrize("packing", ["raw", "gzip", "zlib"])
def test_bytes_are_passed_over_behind_the_packing(tmp_path, packing):
    stored = stored_in(tmp_path, packing, shape=(9, 100), skip=200)
    np.testing.assert_array_equal(read_stored(stored), NUMBERS[100:])


@pytest.mark.parametrize("packing", PACKED)
def test_too_few_numbers_end_early(tmp_path, packing):
    with pytest.raises(DataError, match=r"ends early|claims more voxels than it can hold"):
        read_stored(stored_in(tmp_path, packing, NUMBERS[:900].tobytes()))


@pytest.mark.parametrize("packing", ["gzip", "zlib"])
def test_a_stream_cut_short_ends_early(tmp_path, packing):
    stored = stored_in(tmp_path, packing)
    stored.file.write_bytes(stored.file.read_bytes()[:-30])
    with pytest.raises(DataError, match=f"ends early\n  got: a {packing} stream without its end"):
        read_stored(stored)


@pytest.mark.parametrize("packing", ["gzip", "zlib"])
def test_another_packing_than_it_says_is_damage(tmp_path, packing):
    stored = stored_in(tmp_path, packing)
    stored.file.write_bytes(b"head" + NUMBERS.tobytes())
    with pytest.raises(DataError, match=f"is damaged\n  got: .*\n  expected: {packing}"):
        read_stored(stored)


@pytest.mark.parametrize("word", ["seven", "1.5", "99999"])
def test_words_that_are_no_such_numbers_are_damage(tmp_path, word):
    stored = stored_in(tmp_path, "text", shape=(2,))
    stored.file.write_text(f"head12 {word}")
    with pytest.raises(DataError, match=r"is damaged\n  got: .*\n  expected: numbers as text"):
        read_stored(stored)


@pytest.mark.parametrize("packing", PACKED)
def test_a_huge_claim_takes_no_memory(tmp_path, packing):
    with pytest.raises(DataError, match=r"claims more voxels than it can hold\n.*\n  expected: 2000000.0 TB"):
        read_stored(stored_in(tmp_path, packing, shape=(10**9, 10**9)))


def test_a_zlib_bomb_is_unpacked_no_further_than_it_is_asked_to(tmp_path):
    stored = stored_in(tmp_path, "zlib", bytes(100_000_000), shape=(10,))
    np.testing.assert_array_equal(read_stored(stored), np.zeros(10))


@pytest.mark.parametrize("count", [5, 70_000])
def test_values_are_scaled_in_float32(count):
    stored = np.random.default_rng(0).integers(0, 255, count).astype(np.uint8)
    found = true_values(stored, 0.1, -3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, stored.astype(np.float32) * np.float32(0.1) + np.float32(-3))


@pytest.mark.parametrize(
    ("stored", "kept"),
    [("uint8", "uint8"), ("int8", "int16"), (">i2", "int16"), ("uint16", "int32"), ("f8", "float32")],
)
def test_values_that_are_not_scaled_keep_their_kind(stored, kept):
    found = true_values(np.arange(5).astype(stored))
    assert (found.dtype, found.dtype.isnative) == (np.dtype(kept), True)
    assert found.tolist() == [0, 1, 2, 3, 4]


def test_nan_stays_nan_and_what_float32_cannot_hold_is_infinite():
    found = true_values(np.array([np.nan, 1e300, 2]))
    np.testing.assert_array_equal(found, np.array([np.nan, np.inf, 2], np.float32))
