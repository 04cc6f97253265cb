from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest
import torch
from images.dicom.slices import stored, write_enhanced, write_slice
from images.itk import affine_of, voxels_of

from bundlert.errors import DataError
from bundlert.images.reading import read_grid, read_image
from bundlert.ops.resample import resample_affine


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


def test_a_folder_without_slices(tmp_path, message_of):
    (tmp_path / "notes.txt").write_text("nothing here")
    assert message_of(tmp_path) == "folder 'HERE' holds no DICOM slices\n  try: give the folder of one series"


def test_several_series_are_listed(series, message_of):
    write_slice(series, 7, SeriesInstanceUID="1.2.4", SeriesDescription="Scout")
    assert message_of(series) == (
        "folder 'HERE' holds 2 series\n  got: 1 slices of 'Scout' (1.2.4), 4 slices of 'Abdomen' (1.2.3)\n"
        "  expected: one\n  try: split it"
    )


def test_a_missing_slice(series, message_of):
    (series / "97.dcm").unlink()
    write_slice(series, 4)
    assert message_of(series) == (
        "the slices in 'HERE' are missing, doubled or unevenly spaced\n  got: 5.00 mm from 98.dcm to 96.dcm\n"
        "  expected: 2.50 mm from each slice to the next\n"
        "  try: copy the series again; one volume has each place once, at one time"
    )


def test_a_doubled_slice(series, message_of):
    shutil.copy(series / "98.dcm", series / "copy.dcm")
    assert "  got: 0.00 mm from 98.dcm to copy.dcm\n" in message_of(series)


def test_all_slices_in_one_place(series, message_of):
    for number in range(4):
        write_slice(series, number, ImagePositionPatient=[0, 0, 0])
    assert "  got: all in one place\n" in message_of(series)


def test_slices_unlike_each_other(series, message_of):
    write_slice(series, 1, PixelSpacing=[1, 1])
    assert message_of(series).startswith(
        "the slices in 'HERE' differ in size, spacing or direction\n  got: 98.dcm: (3, 4), (1.0, 1.0) mm"
    )


def test_an_image_without_a_place(series, message_of):
    write_slice(series, 2, ImagePositionPatient=None)
    assert message_of(series) == (
        "DICOM file 'HERE/97.dcm' is no slice with a place, or cut short\n  got: no ImagePositionPatient\n"
        "  expected: grey slices, or frames that each have a place"
    )


def test_colour_is_refused(series, message_of):
    write_slice(series, 2, SamplesPerPixel=3)
    assert "  got: colours\n" in message_of(series)


def test_pixels_cut_short(series, message_of):
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


@pytest.mark.parametrize("name", ["enhanced.dcm", "enhanced"])
def test_an_enhanced_file_is_the_volume_of_its_slices(series, tmp_path, name):
    image, classic = read_image(write_enhanced(tmp_path / name)), read_image(series)
    assert image.data.dtype == torch.int16
    assert torch.equal(image.data, classic.data)
    assert image.grid.same_as(classic.grid)
    assert read_grid(tmp_path / name).same_as(classic.grid)


def test_an_enhanced_file_may_lie_alone_in_a_folder(tmp_path):
    write_enhanced(tmp_path / "a.dcm")
    assert read_image(tmp_path).shape == (4, 3, 4)


def test_frames_at_several_times_are_told_as_doubled(tmp_path, message_of):
    file = write_enhanced(tmp_path / "a.dcm", (0, 1, 2, 0, 1, 2))
    assert message_of(file).startswith(
        "the slices in 'HERE' are missing, doubled or unevenly spaced\n  got: 0.00 mm from"
    )


def test_a_missing_frame_is_told(tmp_path, message_of):
    file = write_enhanced(tmp_path / "a.dcm", (0, 1, 3, 4))
    assert "  got: 5.00 mm from frame 2 of a.dcm to frame 3 of a.dcm\n" in message_of(file)


@pytest.mark.parametrize("kind", ["series", "enhanced"])
def test_simpleitk_reads_the_same_voxels_at_the_same_place(series, tmp_path, kind):
    sitk = pytest.importorskip("SimpleITK")
    if kind == "series":
        place = series
        image = sitk.ReadImage([str(place / f"{99 - number}.dcm") for number in range(4)])
    else:
        place = write_enhanced(tmp_path / "a.dcm", (0, 1, 2, 3))
        image = sitk.ReadImage(str(place))
    ours = read_image(place)
    np.testing.assert_array_equal(ours.data, voxels_of(image))
    np.testing.assert_allclose(ours.grid.affine, affine_of(image), atol=1e-6)


def test_simpleitk_reads_the_real_series_alike(real_data):
    sitk = pytest.importorskip("SimpleITK")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(real_data / "ct_dicom")))
    image, ours = reader.Execute(), read_image(real_data / "ct_dicom")
    np.testing.assert_array_equal(ours.data, voxels_of(image))
    np.testing.assert_allclose(ours.grid.affine, affine_of(image), atol=1e-3)


def test_slices_with_a_slope_of_their_own_are_rescaled_by_it(series):
    for number in range(4):
        write_slice(series, number, RescaleSlope=number + 0.5)
    data = read_image(series).data
    for number in range(4):
        np.testing.assert_array_equal(data[0, :, :, number].T, stored(number) * (number + 0.5) - 1024)
