from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest
import torch
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from bundlert.errors import DataError
from bundlert.images.reading import read_grid, read_image
from bundlert.ops.resample import resample_affine


def stored(number: int) -> np.ndarray:
    """What slice `number` stores: 3 rows, 4 columns."""
    return (np.arange(12, dtype=np.uint16) + 100 * number).reshape(3, 4)


def write_slice(folder, number, **changes):
    """A slice at z = 2.5 * number mm, in a file whose name sorts backwards."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = CTImageStorage, generate_uid(), "CT"
    data.SeriesInstanceUID, data.SeriesDescription = "1.2.3", "Abdomen"
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 3, 4, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.ImageOrientationPatient, data.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.7, 0.9]
    data.ImagePositionPatient, data.SliceThickness = [10, 20, 2.5 * number], 5
    data.RescaleSlope, data.RescaleIntercept = 1, -1024
    data.PixelData = stored(number).tobytes()
    for name, value in changes.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.save_as(folder / f"{99 - number}.dcm", enforce_file_format=True)


@pytest.fixture
def series(tmp_path):
    folder = tmp_path / "series"
    folder.mkdir()
    for number in range(4):
        write_slice(folder, number)
    return folder


def message_of(folder) -> str:
    with pytest.raises(DataError) as caught:
        read_image(folder)
    return str(caught.value).replace(str(folder), "HERE")


def test_slices_are_sorted_by_place_and_given_in_hu(series):
    data = read_image(series).data
    assert data.dtype == torch.int16
    for number in range(4):
        np.testing.assert_array_equal(data[0, :, :, number].T, stored(number).astype(int) - 1024)


def test_columns_are_x_rows_are_y_and_the_world_is_ras(series):
    grid = read_image(series).grid
    expected = [[-0.9, 0, 0, -10], [0, -0.7, 0, -20], [0, 0, 2.5, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(grid.affine, expected, atol=1e-12)
    assert grid.axcodes == "LPS"
    assert read_grid(series).same_as(grid)


def test_a_fractional_slope_gives_float32(series):
    for number in range(4):
        write_slice(series, number, RescaleSlope=0.5)
    data = read_image(series).data
    assert data.dtype == torch.float32
    np.testing.assert_array_equal(data[0, :, :, 2].T, stored(2) * 0.5 - 1024)


def test_slices_of_a_coronal_series_run_along_their_normal(series):
    for number in range(4):
        write_slice(
            series, number, ImageOrientationPatient=[1, 0, 0, 0, 0, -1], ImagePositionPatient=[0, 3 * number, 0]
        )
    grid = read_image(series).grid
    assert grid.axcodes == "LIP"
    assert grid.spacing == pytest.approx((0.9, 0.7, 3))


def test_a_tilted_gantry_shears_the_grid(series):
    for number in range(4):
        write_slice(series, number, ImagePositionPatient=[0, 0.5 * number, 2 * number])
    np.testing.assert_allclose(read_image(series).grid.affine[:3, 2], [0, -0.5, 2])


def test_one_slice_is_as_thick_as_it_says(series):
    for number in range(1, 4):
        (series / f"{99 - number}.dcm").unlink()
    image = read_image(series)
    assert image.shape == (4, 3, 1)
    assert image.grid.spacing == pytest.approx((0.9, 0.7, 5))


def test_other_files_and_reports_beside_the_slices_are_passed_over(series):
    (series / "README").write_text("an export")
    write_slice(series, 9, Modality="SR", Rows=None, Columns=None, PixelData=None)
    assert read_image(series).shape == (4, 3, 4)


def test_a_real_series_has_the_voxels_and_place_of_its_nifti_twin(real_data):
    series = read_image(real_data / "ct_dicom")
    twin = read_image(real_data / "Task09_Spleen_mini" / "imagesTr" / "spleen_2.nii.gz")
    assert series.grid.axcodes == "LPS"
    assert twin.grid.axcodes == "LAS"
    assert series.grid.reoriented("LAS").same_as(twin.grid)
    moved = resample_affine(series.data, series.grid.matrix_to(twin.grid), twin.grid.shape, "nearest", "zeros")
    assert torch.equal(moved, twin.data)


def test_a_folder_without_slices(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    assert message_of(tmp_path) == "folder 'HERE' holds no DICOM slices\n  try: give the folder of one series"


def test_several_series_are_listed(series):
    write_slice(series, 7, SeriesInstanceUID="1.2.4", SeriesDescription="Scout")
    assert message_of(series) == (
        "folder 'HERE' holds 2 series\n  got: 1 slices of 'Scout' (1.2.4), 4 slices of 'Abdomen' (1.2.3)\n"
        "  expected: one\n  try: split it"
    )


def test_a_missing_slice(series):
    (series / "97.dcm").unlink()
    write_slice(series, 4)
    assert message_of(series) == (
        "the slices in 'HERE' are missing, doubled or unevenly spaced\n  got: 5.00 mm from 98.dcm to 96.dcm\n"
        "  expected: 2.50 mm from each slice to the next\n"
        "  try: copy the series again; one series has each place once"
    )


def test_a_doubled_slice(series):
    shutil.copy(series / "98.dcm", series / "copy.dcm")
    assert "  got: 0.00 mm from 98.dcm to copy.dcm\n" in message_of(series)


def test_all_slices_in_one_place(series):
    for number in range(4):
        write_slice(series, number, ImagePositionPatient=[0, 0, 0])
    assert "  got: all in one place\n" in message_of(series)


def test_slices_unlike_each_other(series):
    write_slice(series, 1, PixelSpacing=[1, 1])
    assert message_of(series).startswith(
        "the slices in 'HERE' differ in size, spacing or direction\n  got: 98.dcm: (3, 4), (1.0, 1.0) mm"
    )


def test_an_image_without_a_place(series):
    write_slice(series, 2, ImagePositionPatient=None)
    assert message_of(series) == (
        "DICOM file 'HERE/97.dcm' is no slice with a place, or cut short\n  got: no ImagePositionPatient\n"
        "  expected: one grey frame a file"
    )


def test_colour_is_refused(series):
    write_slice(series, 2, SamplesPerPixel=3)
    assert "  got: several frames or colours\n" in message_of(series)


def test_pixels_cut_short(series):
    write_slice(series, 2, PixelData=b"12")
    assert message_of(series).startswith("the pixels of 'HERE/97.dcm' can't be read\n  got: ")


@pytest.mark.parametrize(
    ("kept", "message"), [(10, "is damaged"), (400, "or cut short"), (-10, "the pixels of .* can't be read")]
)
def test_a_file_cut_short_is_never_passed_over(series, kept, message):
    content = (series / "96.dcm").read_bytes()
    (series / "96.dcm").write_bytes(content[:kept])
    with pytest.raises(DataError, match=message) as caught:
        read_image(series)
    assert "96.dcm" in str(caught.value)


def test_pydicom_agrees_on_what_was_written(series):
    np.testing.assert_array_equal(pydicom.dcmread(series / "98.dcm").pixel_array, stored(1))
