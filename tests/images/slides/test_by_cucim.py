from __future__ import annotations

import pytest
from images.slides.pyramids import tissue, write_pyramid

from bundlert.errors import DataError
from bundlert.images.slides.by_cucim import CucimSlide

pytest.importorskip("cucim")
tifffile = pytest.importorskip("tifffile")


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (tissue()[..., 0], {}),
        (tissue(), {"compression": "jpeg2000"}),
        (tissue(), {"tile": None, "rowsperstrip": 16, "compression": None}),
    ],
    ids=["grey", "jpeg2000", "strips"],
)
def test_what_cucim_would_read_as_a_whole_is_left_to_others(tmp_path, rows, options, capfd):
    write_pyramid(tmp_path / "a.tif", rows, levels=1, **options)
    with pytest.raises(DataError, match="has no fast way\n  got: "):
        CucimSlide(tmp_path / "a.tif")
    assert "slow-path" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("kept", [0.3, 0.8])
def test_a_slide_cut_short_is_refused_although_cucim_opens_it(pyramid, kept):
    content = pyramid.read_bytes()
    pyramid.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=r"ends early|is no TIFF|has a wrong header"):
        CucimSlide(pyramid)
