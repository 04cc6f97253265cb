"""Files that are not there, not whole, or not what they say: each with its message."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys

import nibabel
import numpy as np
import pytest
from images.dicom.slices import write_slice

from bundlert.errors import DataError
from bundlert.images.reading import read_grid, read_image


@pytest.fixture
def scan(tmp_path):
    voxels = np.random.default_rng(0).integers(-1000, 1000, (20, 20, 20)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), tmp_path / "scan.nii")
    return tmp_path / "scan.nii"


def message_of(path) -> str:
    with pytest.raises(DataError) as caught:
        read_image(path)
    return str(caught.value).replace(f"{path.parent}/", "").replace(f"'{path.parent}'", "HERE")


def changed(scan, offset: int, content: bytes):
    head = scan.read_bytes()
    scan.write_bytes(head[:offset] + content + head[offset + len(content) :])
    return scan


def test_a_missing_file_names_what_is_there_and_what_was_meant(scan):
    assert message_of(scan.with_name("scam.nii")) == (
        "image 'scam.nii' does not exist\n  got: a folder with scan.nii\n  try: did you mean 'scan.nii'?"
    )


def test_a_missing_folder_is_said_to_be_missing(tmp_path):
    assert message_of(tmp_path / "cases" / "a.nii") == "image 'a.nii' does not exist\n  got: no folder HERE either"


def test_an_empty_folder_around_a_missing_file(tmp_path):
    assert message_of(tmp_path / "a.nii") == "image 'a.nii' does not exist\n  got: an empty folder"


def test_an_empty_file(tmp_path):
    (tmp_path / "a.nii.gz").touch()
    assert (
        message_of(tmp_path / "a.nii.gz")
        == "image 'a.nii.gz' is empty\n  got: 0 bytes\n  try: copy or download it again"
    )


def test_an_unknown_suffix(tmp_path):
    (tmp_path / "a.xyz").write_text("?")
    assert message_of(tmp_path / "a.xyz") == (
        "'a.xyz' is of no known image format\n  got: suffix '.xyz'\n"
        "  expected: .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd, .png, .jpg, .jpeg, .tif, .tiff, .npy, .npz, .dcm, .ima "
        "or a folder with a DICOM series"
    )


def test_a_slide_points_to_open_slide(tmp_path):
    (tmp_path / "a.svs").write_text("?")
    assert message_of(tmp_path / "a.svs").endswith("\n  try: slides are read by region, with open_slide")


@pytest.mark.parametrize("name", ["7.dcm", "IM0007"])
def test_one_dicom_slice_points_to_its_folder(tmp_path, name):
    write_slice(tmp_path, 7).rename(tmp_path / name)
    assert message_of(tmp_path / name) == f"'{name}' is one DICOM slice\n  try: give the folder of its series, HERE"


def test_a_truncated_file(scan):
    scan.write_bytes(scan.read_bytes()[:5000])
    assert message_of(scan) == (
        "image 'scan.nii' claims more voxels than it can hold\n  got: a file of 5.0 kB\n"
        "  expected: 16.0 kB, as its header says: 20 x 20 x 20 x 1 int16\n  try: copy or download it again"
    )


@pytest.mark.parametrize("kept", [300, 5000])
def test_a_truncated_gzip_file(scan, kept):
    file = scan.with_name("a.nii.gz")
    file.write_bytes(gzip.compress(scan.read_bytes())[:kept])
    assert message_of(file) == (
        "image 'a.nii.gz' ends early\n  got: a gzip stream without its end\n  try: copy or download it again"
    )


def test_a_whole_gzip_stream_with_too_few_voxels(scan):
    file = scan.with_name("a.nii.gz")
    file.write_bytes(gzip.compress(scan.read_bytes()[:5000]))
    assert message_of(file) == (
        "image 'a.nii.gz' ends early\n  got: 4.6 kB of voxels\n"
        "  expected: 16.0 kB, as its header says: 20 x 20 x 20 x 1 int16\n  try: copy or download it again"
    )


def test_a_file_that_ends_in_its_header(scan):
    scan.write_bytes(scan.read_bytes()[:100])
    assert message_of(scan) == (
        "image 'scan.nii' ends early\n  got: 100 bytes\n"
        "  expected: a header of 348 bytes\n  try: copy or download it again"
    )


def test_damaged_gzip(scan):
    content = bytearray(gzip.compress(scan.read_bytes()))
    content[2000:2100] = b"\xff" * 100
    file = scan.with_name("a.nii.gz")
    file.write_bytes(content)
    assert re.match("image 'a.nii.gz' (is damaged|ends early)\n  got: ", message_of(file))


def test_a_name_that_says_gzip_and_content_that_is_not(scan):
    file = scan.with_name("a.nii.gz")
    file.write_bytes(scan.read_bytes())
    assert message_of(file).startswith("image 'a.nii.gz' is damaged\n  got: Not a gzipped file")


def test_something_else_under_the_name_of_nifti(tmp_path):
    (tmp_path / "a.nii").write_bytes(b"<html>not found</html>" * 50)
    assert message_of(tmp_path / "a.nii") == (
        "image 'a.nii' is no NIfTI\n  got: a head of b'<htm'\n  expected: a header of 348 or 540 bytes"
    )


def test_an_affine_that_is_not_finite(scan):
    assert message_of(changed(scan, 280, np.float32(np.nan).tobytes())).startswith(
        "image 'scan.nii' has no usable place: its affine has values that are not finite\n  got: [[nan, "
    )


def test_a_singular_affine(scan):
    assert message_of(changed(scan, 280, np.zeros(4, np.float32).tobytes())).startswith(
        "image 'scan.nii' has no usable place: its affine is singular: two axes coincide or a voxel has no size\n"
    )


def test_a_header_that_claims_thousands_of_gigabytes_takes_no_memory(scan):
    changed(scan, 42, np.full(3, 30000, np.int16).tobytes())
    assert message_of(scan) == (
        "image 'scan.nii' claims more voxels than it can hold\n  got: a file of 16.4 kB\n"
        "  expected: 54.0 TB, as its header says: 30000 x 30000 x 30000 x 1 int16\n  try: copy or download it again"
    )
    file = scan.with_name("a.nii.gz")
    file.write_bytes(gzip.compress(scan.read_bytes()))
    assert "claims more voxels than it can hold" in message_of(file)
    with pytest.raises(DataError, match="claims more voxels than it can hold"):
        read_grid(file)


def test_a_negative_size(scan):
    assert message_of(changed(scan, 42, np.int16(-5).tobytes())).startswith("image 'scan.nii' has no usable shape\n")


def test_five_axes_of_voxels(tmp_path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 3, 3, 2, 2), np.int16), np.eye(4)), tmp_path / "a.nii")
    assert message_of(tmp_path / "a.nii") == (
        "image 'a.nii' has no usable shape\n  got: (3, 3, 3, 2, 2)\n  expected: [X, Y, Z] or [X, Y, Z, C]"
    )


@pytest.mark.parametrize("dtype", [np.complex64, [("R", "u1"), ("G", "u1"), ("B", "u1")]])
def test_voxels_that_are_not_one_number(tmp_path, dtype):
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 3, 3), dtype), np.eye(4)), tmp_path / "a.nii")
    assert message_of(tmp_path / "a.nii").startswith("image 'a.nii' has no voxels of one number\n")


def test_an_unknown_data_type(scan):
    assert message_of(changed(scan, 70, np.int16(999).tobytes())).startswith(
        "image 'scan.nii' has a wrong header\n  got: "
    )


def test_nothing_heavy_is_imported_before_it_is_needed():
    heavy = {"PIL", "cucim", "highdicom", "nibabel", "openslide", "pydicom", "tifffile"}
    rooms = "bundlert.images.reading, bundlert.images.writing, bundlert.images.slides.opening"
    code = f"import sys, {rooms}; print(*sorted(sys.modules.keys() & {heavy!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
