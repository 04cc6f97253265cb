from __future__ import annotations

import numpy as np
import pytest
from images.slides.pyramids import cut, tissue, write_pyramid

from bundlert.images.slides.by_tifffile import TifffileSlide

tifffile = pytest.importorskip("tifffile")


@pytest.mark.parametrize("compression", ["jpeg2000", "zstd", "webp"])
def test_packings_that_no_other_backend_knows_are_read(tmp_path, compression):
    write_pyramid(tmp_path / "a.tif", compression=compression)
    rows = tifffile.imread(tmp_path / "a.tif")
    with TifffileSlide(tmp_path / "a.tif") as slide:
        np.testing.assert_array_equal(slide.read_region((200, 100), 0, (90, 80)), cut(rows, 200, 100, 90, 80))


def test_strips_are_read_by_region(tmp_path):
    rows = tissue(300, 200)
    tifffile.imwrite(tmp_path / "a.tif", rows, photometric="rgb", rowsperstrip=16)
    with TifffileSlide(tmp_path / "a.tif") as slide:
        np.testing.assert_array_equal(slide.read_region((70, 110), 0, (100, 60)), cut(rows, 70, 110, 100, 60))


def test_grey_is_given_three_times(tmp_path):
    rows = write_pyramid(tmp_path / "a.tif", tissue()[..., 0], compression="lzw")
    with TifffileSlide(tmp_path / "a.tif") as slide:
        region = slide.read_region((40, 60), 1, (50, 70))
    np.testing.assert_array_equal(region, cut(np.repeat(rows[1][..., None], 3, axis=2), 20, 30, 50, 70))


def test_alpha_is_left_out(tmp_path):
    rows = np.dstack([tissue(), tissue()[..., :1]])
    write_pyramid(tmp_path / "a.tif", rows, compression="lzw", extrasamples=["unassalpha"])
    with TifffileSlide(tmp_path / "a.tif") as slide:
        np.testing.assert_array_equal(slide.read_region((3, 4), 0, (50, 70)), cut(rows[..., :3], 3, 4, 50, 70))


def test_tiles_that_were_left_out_are_white(tmp_path):
    write_pyramid(tmp_path / "a.tif")
    with TifffileSlide(tmp_path / "a.tif") as slide:
        page = slide._directories.levels[0].page
        page.databytecounts = (0, *page.databytecounts[1:])
        region = slide.read_region((100, 0), 0, (100, 50))
    assert (region[:, :28] == 255).all()
    assert (region[:, 28:] != 255).any()
