from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
import torch
from images.dicom.slices import write_enhanced, write_slice

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.images.reading import read_image
from bundlert.images.writing import write_image

pytestmark = pytest.mark.filterwarnings("ignore:.*highdicom.*:UserWarning")


def labelled(place, *values):
    """Labels on the grid of a series, one in each slice, at column 1 and row 2."""
    image = read_image(place)
    labels = torch.zeros_like(image.data, dtype=torch.uint8)
    for number, value in enumerate(values):
        labels[0, 1, 2, number] = value
    return image.with_data(labels)


@pytest.fixture(params=["series", "enhanced"])
def place(request, tmp_path):
    if request.param == "series":
        return request.getfixturevalue("series")
    return write_enhanced(tmp_path / "enhanced.dcm")


def test_highdicom_finds_each_segment_on_its_slice(place, tmp_path):
    highdicom = pytest.importorskip("highdicom")
    write_image(labelled(place, 0, 1, 2, 1), tmp_path / "new" / "seg.dcm", segments=["liver", "spleen"])
    found = highdicom.seg.segread(tmp_path / "new" / "seg.dcm")
    assert [found.get_segment_description(number).segment_label for number in (1, 2)] == ["liver", "spleen"]
    volume = found.get_volume(combine_segments=True)
    ours = read_image(place)
    origin = np.diag([-1, -1, 1, 1]) @ ours.affine  # LPS
    for z, value in ((1, 1), (2, 2), (3, 1)):
        index = np.linalg.solve(volume.affine, origin @ [1, 2, z, 1])
        assert volume.array[tuple(np.rint(index[:3]).astype(int))] == value
    assert (volume.array > 0).sum() == 3


def test_it_refers_to_the_series_and_the_patient(series, tmp_path):
    pytest.importorskip("highdicom")
    write_image(labelled(series, 0, 1, 1), tmp_path / "seg.dcm")
    made = pydicom.dcmread(tmp_path / "seg.dcm")
    assert (made.Modality, made.PatientID, made.StudyInstanceUID) == ("SEG", "7", "1.2")
    assert made.SeriesInstanceUID != "1.2.3"
    (referred,) = made.ReferencedSeriesSequence
    assert referred.SeriesInstanceUID == "1.2.3"
    instances = {one.ReferencedSOPInstanceUID for one in referred.ReferencedInstanceSequence}
    sources = [pydicom.dcmread(series / f"{99 - number}.dcm").SOPInstanceUID for number in range(4)]
    assert instances == set(sources)
    frames = [
        frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        for frame in made.PerFrameFunctionalGroupsSequence
    ]
    assert set(frames) == set(sources[1:3])
    places = [frame.PlanePositionSequence[0].ImagePositionPatient[2] for frame in made.PerFrameFunctionalGroupsSequence]
    assert [sources.index(frame) * 2.5 for frame in frames] == places


def test_a_series_can_be_read_with_its_segmentation_in_the_same_folder(series):
    pytest.importorskip("highdicom")
    before = read_image(series)
    write_image(labelled(series, 1), series / "seg.dcm")
    assert torch.equal(read_image(series).data, before.data)


def test_no_finding_is_a_file_with_an_empty_segment(series, tmp_path):
    highdicom = pytest.importorskip("highdicom")
    write_image(labelled(series), tmp_path / "seg.dcm", segments=["spleen"])
    found = highdicom.seg.segread(tmp_path / "seg.dcm")
    assert found.number_of_segments == 1
    assert not found.pixel_array.any()


def refused(image, file, **options):
    with pytest.raises(DataError) as caught:
        write_image(image, file, **options)
    assert not file.exists()
    return str(caught.value).replace(str(file.parent), "HERE")


def test_labels_on_another_grid_are_refused(series, tmp_path):
    image = labelled(series, 1)
    turned = Image(image.data, image.grid.flipped([0]), image.file)
    assert refused(turned, tmp_path / "seg.dcm") == (
        "the labels for 'HERE/seg.dcm' don't lie on the grid of 'HERE/series'\n"
        "  got: (4, 3, 4), RPS\n  try: put Invert before SaveImage"
    )


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (torch.full((1, 4, 3, 4), 0.5), "1 channels of values from 0.5 to 0.5"),
        (torch.full((1, 4, 3, 4), 300), "1 channels of values from 300 to 300"),
        (torch.zeros(2, 4, 3, 4), "2 channels of values from 0.0 to 0.0"),
        (torch.full((1, 4, 3, 4), float("nan")), "1 channels of values from nan to nan"),
    ],
)
def test_what_is_no_label_is_refused(series, tmp_path, data, got):
    text = refused(read_image(series).with_data(data), tmp_path / "seg.dcm")
    assert text.startswith(f"the voxels for 'HERE/seg.dcm' are no labels\n  got: {got}\n")


def test_a_label_without_a_name_is_refused(series, tmp_path):
    text = refused(labelled(series, 3), tmp_path / "seg.dcm", segments=["liver", "spleen"])
    assert text == "the labels for 'HERE/seg.dcm' have too few names\n  got: label 3\n  expected: 1 to 2"


@pytest.mark.parametrize("file", [None, Path("ct.nii.gz")])
def test_labels_that_come_from_no_series_are_refused(series, tmp_path, file):
    image = labelled(series, 1)
    text = refused(Image(image.data, image.grid, file), tmp_path / "seg.dcm")
    assert "  expected: labels made from a DICOM series\n  try: write .nii.gz or .nrrd" in text


def test_the_series_may_be_named(series, tmp_path):
    pytest.importorskip("highdicom")
    image = labelled(series, 1)
    write_image(Image(image.data, image.grid), tmp_path / "seg.dcm", series=series)
    assert (tmp_path / "seg.dcm").is_file()


def test_without_highdicom_the_extra_is_told(series, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "highdicom", None)
    text = refused(labelled(series, 1), tmp_path / "seg.dcm")
    assert text.startswith("a DICOM segmentation needs highdicom\n")
    assert text.endswith("\n  try: pip install 'bundlert[dicom]'")


def test_a_series_without_uids_cannot_be_referred_to(real_data, tmp_path):
    pytest.importorskip("highdicom")
    image = read_image(real_data / "ct_dicom")
    text = refused(image.with_data(torch.zeros_like(image.data)), tmp_path / "seg.dcm")
    assert "can't be referred to\n  got: no SOPClassUID, SOPInstanceUID, SeriesInstanceUID, StudyInstanceUID\n" in text


def test_tags_that_were_removed_are_empty(series, tmp_path):
    pytest.importorskip("highdicom")
    for number in range(4):
        write_slice(series, number, PatientBirthDate=None, StudyID=None, AccessionNumber=None)
    write_image(labelled(series, 1), tmp_path / "seg.dcm")
    assert pydicom.dcmread(tmp_path / "seg.dcm").AccessionNumber == ""


def test_a_segmentation_of_a_real_series_is_read_by_highdicom(real_data, tmp_path):
    highdicom = pytest.importorskip("highdicom")
    for file in (real_data / "ct_dicom").iterdir():
        slice_ = pydicom.dcmread(file)
        slice_.SOPClassUID, slice_.SOPInstanceUID = pydicom.uid.CTImageStorage, pydicom.uid.generate_uid()
        slice_.StudyInstanceUID, slice_.SeriesInstanceUID = "1.2", "1.2.3"
        slice_.save_as(tmp_path / file.name)
    image = read_image(tmp_path)
    labels = (image.data > 150).to(torch.uint8)
    write_image(image.with_data(labels), tmp_path / "seg.dcm", segments=["bright"])
    volume = highdicom.seg.segread(tmp_path / "seg.dcm").get_volume(combine_segments=True)
    assert (volume.array > 0).sum() == int(labels.sum())
