from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from images.slides.pyramids import tissue, write_pyramid

from bundlert.errors import DataError
from bundlert.images.slides.directories import open_directories

tifffile = pytest.importorskip("tifffile")


def test_tiles_of_a_region_are_those_that_it_touches(pyramid):
    with closing(open_directories(pyramid)) as directories:
        level = directories.levels[0]
    assert (level.size, level.tile) == ((1024, 768), (128, 128))
    assert list(level.tiles((0, 0), (128, 128))) == [(0, 0, 0)]
    assert list(level.tiles((127, 128), (2, 1))) == [(8, 0, 128), (9, 128, 128)]
    assert len(list(level.tiles((0, 0), level.size))) == 48


def test_strips_are_pieces_as_wide_as_the_level(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", tissue(100, 50), photometric="rgb", rowsperstrip=16)
    with closing(open_directories(tmp_path / "a.tif")) as directories:
        level = directories.levels[0]
    assert list(level.tiles((30, 20), (10, 20))) == [(1, 0, 16), (2, 0, 32)]


@pytest.mark.parametrize(
    ("options", "mpp"),
    [
        ({"resolution": (20000, 40000), "resolutionunit": "CENTIMETER"}, (0.5, 0.25)),
        ({"resolution": (50800, 50800), "resolutionunit": "INCH"}, (0.5, 0.5)),
        ({"resolution": (1, 1), "resolutionunit": "NONE"}, None),
        ({}, None),
    ],
)
def test_the_size_of_a_pixel_comes_from_the_resolution(tmp_path, options, mpp):
    tifffile.imwrite(tmp_path / "a.tif", tissue(64, 64), photometric="rgb", tile=(16, 16), **options)
    with closing(open_directories(tmp_path / "a.tif")) as directories:
        assert directories.mpp == (mpp if mpp is None else pytest.approx(mpp))


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.95])
def test_a_slide_cut_short_is_told_before_anything_is_read(pyramid, kept):
    content = pyramid.read_bytes()
    pyramid.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=r"ends early|is no TIFF|has a wrong header"):
        open_directories(pyramid)


@pytest.mark.parametrize(
    ("rows", "options", "got"),
    [
        (np.zeros((64, 64, 3), np.uint16), {"photometric": "rgb"}, "3 channels of 16 bits, RGB"),
        (np.zeros((64, 64), np.float32), {}, "1 channels of 32 bits, MINISBLACK"),
        (
            np.zeros((3, 64, 64), np.uint8),
            {"photometric": "rgb", "planarconfig": "separate"},
            "3 channels of 8 bits, RGB",
        ),
    ],
)
def test_pixels_of_another_kind_are_refused(tmp_path, rows, options, got):
    tifffile.imwrite(tmp_path / "a.tif", rows, tile=(16, 16), **options)
    with pytest.raises(DataError, match=f"has pixels of another kind\n  got: {got}\n  expected: grey, RGB"):
        open_directories(tmp_path / "a.tif")


def test_a_level_in_one_huge_piece_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6000, 4000, 3), np.uint8), photometric="rgb", rowsperstrip=6000)
    with pytest.raises(DataError, match=r"can't be read by region\n  got: a level of \(4000, 6000\) pixels in pieces"):
        open_directories(tmp_path / "a.tif")


def test_a_huge_claim_takes_no_memory(pyramid):
    with tifffile.TiffFile(pyramid) as tiff:
        place = tiff.pages[0].tags["ImageWidth"].valueoffset
    content = bytearray(pyramid.read_bytes())
    content[place : place + 2] = b"\xff\xff"
    pyramid.write_bytes(content)
    with pytest.raises(DataError, match=r"ends early\n  got: 48 pieces, .* bytes\n  expected: 3072 pieces"):
        open_directories(pyramid)


def test_a_tile_that_was_left_out_has_no_bytes(tmp_path):
    write_pyramid(tmp_path / "a.tif")
    with closing(open_directories(tmp_path / "a.tif")) as directories:
        assert directories.packed(directories.levels[0], 0).startswith(b"\xff\xd8")
        directories.levels[0].page.databytecounts = (0,) * 48
        assert directories.packed(directories.levels[0], 0) == b""
