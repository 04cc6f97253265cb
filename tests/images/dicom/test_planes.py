from __future__ import annotations

import numpy as np
import pytest
from images.dicom.slices import write_enhanced, write_slice

from bundlert.errors import DataError
from bundlert.images.dicom.planes import planes_of
from bundlert.images.reading import read_image


def test_a_slice_is_one_plane(tmp_path):
    (plane,) = planes_of(write_slice(tmp_path, 2, RescaleSlope=0.5))
    assert (plane.frame, plane.series, plane.description) == (0, "1.2.3", "Abdomen")
    assert (plane.shape, plane.spacing, plane.thickness) == ((3, 4), (0.7, 0.9), 5)
    assert (plane.position, plane.orientation) == ((10, 20, 5), (1, 0, 0, 0, 1, 0))
    assert (plane.slope, plane.inter, plane.name) == (0.5, -1024, "97.dcm")
    np.testing.assert_array_equal(plane.normal, [0, 0, 1])


def test_frames_are_planes_with_what_is_shared_and_what_is_their_own(tmp_path):
    planes = planes_of(write_enhanced(tmp_path / "a.dcm", slope=lambda number: number + 1))
    assert [plane.position for plane in planes] == [(10, 20, 5), (10, 20, 0), (10, 20, 7.5), (10, 20, 2.5)]
    assert [plane.slope for plane in planes] == [3, 1, 4, 2]
    assert {plane.spacing for plane in planes} == {(0.7, 0.9)}
    assert [plane.name for plane in planes][:2] == ["a.dcm", "frame 2 of a.dcm"]


def test_without_a_slope_values_are_as_stored(tmp_path):
    (plane,) = planes_of(write_slice(tmp_path, 0, RescaleSlope=None, RescaleIntercept=None))
    assert (plane.slope, plane.inter) == (1, 0)


@pytest.mark.parametrize("modality", ["SR", "PR", "SEG", "RTSTRUCT"])
def test_objects_without_an_image_have_no_planes(tmp_path, modality):
    assert planes_of(write_slice(tmp_path, 0, Modality=modality)) == []


def test_an_empty_file_has_no_planes_unless_it_says_so(tmp_path):
    (tmp_path / ".keep").touch()
    assert planes_of(tmp_path / ".keep") == []
    (tmp_path / "a.dcm").touch()
    with pytest.raises(DataError, match=r"is damaged\n  got: cannot mmap an empty file"):
        planes_of(tmp_path / "a.dcm")


def test_a_file_that_is_no_dicom_has_no_planes_unless_it_says_so(tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    assert planes_of(tmp_path / "notes.txt") == []
    (tmp_path / "a.dcm").write_text("notes")
    with pytest.raises(DataError, match=r"DICOM file '.*a.dcm' is damaged\n  got: File is missing DICOM"):
        planes_of(tmp_path / "a.dcm")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Rows": None}, "no Rows"),
        ({"PixelSpacing": None}, "no PixelSpacing"),
        ({"SamplesPerPixel": 3}, "colours"),
        ({"NumberOfFrames": 4}, "4 frames in one place"),
    ],
)
def test_a_slice_without_a_place_is_refused(tmp_path, changes, message):
    with pytest.raises(DataError, match=f"no slice with a place, or cut short\n  got: {message}\n  expected: grey"):
        planes_of(write_slice(tmp_path, 0, **changes))


def test_fewer_places_than_frames_are_refused(tmp_path):
    with pytest.raises(DataError, match="got: 9 frames in one place"):
        planes_of(write_enhanced(tmp_path / "a.dcm", NumberOfFrames=9))


def test_a_table_of_values_is_refused(tmp_path):
    with pytest.raises(DataError, match="maps its values by a table\n  got: ModalityLUTSequence"):
        planes_of(write_slice(tmp_path, 0, ModalityLUTSequence=[]))


@pytest.mark.parametrize("write", [lambda folder, **changes: write_slice(folder, 0, **changes), None])
def test_a_huge_claim_takes_no_memory(tmp_path, write):
    size = {"Rows": 65535, "Columns": 65535}
    file = write(tmp_path, **size) if write else write_enhanced(tmp_path / "a.dcm", **size)
    with pytest.raises(DataError, match=r"claims more voxels than it can hold\n.*\n  expected: \d+\.\d GB"):
        planes_of(file)


def test_a_huge_claim_of_a_packed_file_takes_no_memory(tmp_path):
    from pydicom.uid import RLELossless

    file = write_slice(tmp_path, 0, syntax=RLELossless)
    content = file.read_bytes()
    sizes = b"\x28\x00\x10\x00US\x02\x00\x03\x00\x28\x00\x11\x00US\x02\x00\x04\x00"
    assert content.count(sizes) == 1
    huge = b"\x28\x00\x10\x00US\x02\x00\xff\xff\x28\x00\x11\x00US\x02\x00\xff\xff"
    file.write_bytes(content.replace(sizes, huge))
    with pytest.raises(DataError, match="claims more voxels than it can hold"):
        planes_of(file)


def test_words_instead_of_numbers_are_a_wrong_header(tmp_path):
    file = write_slice(tmp_path, 0)
    content = file.read_bytes()
    assert content.count(b"0.7\\0.9") == 1
    file.write_bytes(content.replace(b"0.7\\0.9", b"0.7\\few"))
    with pytest.raises(DataError, match=r"has a wrong header\n  got: .*few"):
        planes_of(file)


def test_one_file_of_another_kind_is_said_to_hold_no_image(tmp_path):
    with pytest.raises(DataError, match="has no image of grey values"):
        read_image(write_slice(tmp_path, 0, Modality="SEG"))
