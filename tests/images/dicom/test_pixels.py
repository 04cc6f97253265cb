from __future__ import annotations

import numpy as np
import pydicom
import pytest
from images.dicom.slices import stored, write_enhanced, write_slice
from pydicom.pixels import get_decoder
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from bundlert.errors import DataError
from bundlert.images.dicom.pixels import read_planes
from bundlert.images.dicom.planes import planes_of

NEEDED = {JPEGLSLossless: "jpeg_ls"}
SYNTAXES = [JPEG2000Lossless, JPEGLSLossless, RLELossless]


def read(file):
    return read_planes(planes_of(file))


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda one: one.name)
def test_packed_slices_have_the_values_that_were_packed(tmp_path, syntax):
    pytest.importorskip(NEEDED.get(syntax, "pydicom"))
    voxels = read(write_slice(tmp_path, 1, syntax=syntax, scale=16))
    assert voxels.dtype == np.int16
    np.testing.assert_array_equal(voxels, stored(1, 16)[None].astype(int) - 1024)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda one: one.name)
def test_packed_frames_have_the_values_that_were_packed(tmp_path, syntax):
    pytest.importorskip(NEEDED.get(syntax, "pydicom"))
    voxels = read(write_enhanced(tmp_path / "a.dcm", (1, 0), syntax=syntax, scale=16))
    np.testing.assert_array_equal(voxels, np.stack([stored(1, 16), stored(0, 16)]).astype(int) - 1024)


def test_jpeg_lossless_as_many_scanners_write_it_is_read(tmp_path):
    gdcm = pytest.importorskip("gdcm")
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(write_slice(tmp_path, 1, scale=16)))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFileName(str(tmp_path / "packed.dcm"))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    assert pydicom.dcmread(tmp_path / "packed.dcm").file_meta.TransferSyntaxUID == JPEGLosslessSV1
    np.testing.assert_array_equal(read(tmp_path / "packed.dcm"), stored(1, 16)[None].astype(int) - 1024)


def test_each_frame_is_rescaled_by_its_own_slope(tmp_path):
    voxels = read(write_enhanced(tmp_path / "a.dcm", (2, 0, 1), slope=lambda number: 0.5 + number))
    assert voxels.dtype == np.float32
    for values, number in zip(voxels, (2, 0, 1), strict=True):
        np.testing.assert_array_equal(values, stored(number) * (0.5 + number) - 1024)


def test_values_beyond_int16_are_float32(tmp_path):
    voxels = read(write_slice(tmp_path, 0, RescaleIntercept=40000))
    assert voxels.dtype == np.float32
    np.testing.assert_array_equal(voxels[0], stored(0) + 40000.0)


def test_a_missing_plug_in_is_told_with_the_extra_that_brings_it(tmp_path, monkeypatch):
    pytest.importorskip("jpeg_ls")
    file = write_slice(tmp_path, 1, syntax=JPEGLSLossless, scale=16)
    decoder = get_decoder(JPEGLSLossless)
    monkeypatch.setattr(decoder, "_unavailable", {"pyjpegls": ("pyjpegls>=1.2",)})
    monkeypatch.setattr(decoder, "_available", {})
    with pytest.raises(DataError) as caught:
        read(file)
    text = str(caught.value).replace(str(tmp_path), "HERE")
    assert text.startswith("the pixels of 'HERE/98.dcm' can't be read\n  got: Unable to decompress 'JPEG-LS")
    assert text.endswith("\n  try: pip install 'bundlert[dicom]'")


@pytest.mark.parametrize("syntax", [None, *SYNTAXES], ids=str)
@pytest.mark.parametrize("kept", [0.5, 0.98])
def test_pixels_cut_short_are_told(tmp_path, syntax, kept):
    pytest.importorskip(NEEDED.get(syntax, "pydicom"))
    noise = np.random.default_rng(0).integers(0, 4000, (48, 64)).astype(np.uint16)
    file = write_slice(tmp_path, 1, syntax=syntax, scale=16, PixelData=noise.tobytes())
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=r"can't be read|ends early|claims more voxels than it can hold"):
        read(file)
