from __future__ import annotations

import sys

import pytest
from images.slides.pyramids import write_pyramid

from bundlert.errors import DataError, PolicyError
from bundlert.files import Bounds, confined
from bundlert.images.slides.opening import BACKENDS, open_slide

ORDER = ("cucim", "openslide", "tifffile")


def without(monkeypatch, *names):
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)
        for module in [one for one in sys.modules if one.startswith(f"{name}.")]:
            monkeypatch.setitem(sys.modules, module, None)


def test_the_fastest_backend_comes_first():
    assert tuple(BACKENDS) == ORDER


@pytest.mark.parametrize("missing", [(), ORDER[:1], ORDER[:2]], ids=len)
def test_the_first_that_is_installed_is_taken(pyramid, monkeypatch, missing):
    for name in ORDER:
        pytest.importorskip(name)
    without(monkeypatch, *missing)
    with open_slide(str(pyramid)) as slide:
        assert slide.backend == ORDER[len(missing)]
        assert slide.file == pyramid


def test_what_the_first_cannot_read_is_read_by_another(tmp_path):
    pytest.importorskip("tifffile")
    write_pyramid(tmp_path / "a.tif", compression="jpeg2000")
    with open_slide(tmp_path / "a.tif") as slide:
        assert slide.backend == "tifffile"


def test_without_any_library_the_extra_is_told(tmp_path, monkeypatch):
    without(monkeypatch, *ORDER)
    (tmp_path / "a.svs").write_text("?")
    with pytest.raises(DataError) as caught:
        open_slide(tmp_path / "a.svs")
    text = str(caught.value)
    assert text.startswith(f"slide '{tmp_path}/a.svs' can't be read\n  got: cucim isn't installed (")
    assert text.endswith("\n  try: pip install 'bundlert[slides]'")


def test_what_none_can_read_is_told_with_the_words_of_each(tmp_path):
    pytest.importorskip("tifffile")
    (tmp_path / "a.svs").write_bytes(b"<html>not found</html>" * 50)
    with pytest.raises(DataError, match=r"can't be read\n  got: cucim.*; openslide.*; tifffile: slide .* is no TIFF"):
        open_slide(tmp_path / "a.svs")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "does not exist\n  got: nothing there"),
        (lambda file: file.mkdir(), "does not exist\n  got: a folder"),
        (lambda file: file.touch(), "is empty\n  got: 0 bytes"),
    ],
)
def test_no_file_a_folder_and_an_empty_file(tmp_path, make, message):
    make(tmp_path / "a.svs")
    with pytest.raises(DataError, match=message):
        open_slide(tmp_path / "a.svs")


def test_an_unknown_backend_is_refused(pyramid):
    with pytest.raises(ValueError, match="backend must be one of cucim, openslide, tifffile, got 'pil'"):
        open_slide(pyramid, "pil")


def test_a_slide_that_nobody_named_is_refused(pyramid, tmp_path):
    with confined(Bounds(inside=(tmp_path / "bundle",))), pytest.raises(PolicyError, match="may not be read"):
        open_slide(pyramid)
