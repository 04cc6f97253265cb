from __future__ import annotations

import numpy as np
import pytest
from images.slides.pyramids import cut, tissue, write_pyramid

from bundlert.errors import DataError
from bundlert.images.slides.by_openslide import OpenSlideSlide

pytest.importorskip("openslide")


def test_grey_is_given_three_times(tmp_path):
    rows = write_pyramid(tmp_path / "a.tif", tissue()[..., 0], compression="lzw")
    with OpenSlideSlide(tmp_path / "a.tif") as slide:
        region = slide.read_region((40, 60), 1, (50, 70))
    np.testing.assert_array_equal(region, cut(np.repeat(rows[1][..., None], 3, axis=2), 20, 30, 50, 70))


def test_a_format_that_is_not_known_is_told(tmp_path):
    (tmp_path / "a.tif").write_text("hello")
    with pytest.raises(DataError, match=r"slide '.*a.tif' can't be read\n  got: .*"):
        OpenSlideSlide(tmp_path / "a.tif")


def test_what_is_half_transparent_is_laid_on_white(pyramid, monkeypatch):
    from PIL import Image

    with OpenSlideSlide(pyramid) as slide:
        pixels = np.array([[[100, 0, 50, 255], [100, 0, 50, 0], [100, 0, 50, 51]]], np.uint8)
        monkeypatch.setattr(slide._slide, "read_region", lambda *_: Image.fromarray(pixels, "RGBA"))
        region = slide.read_region((0, 0), 0, (3, 1))
    assert region[:, :, 0].T.tolist() == [[100, 0, 50], [255, 255, 255], [224, 204, 214]]
