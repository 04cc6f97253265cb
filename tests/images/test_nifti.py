from __future__ import annotations

import gzip

import nibabel
import numpy as np
import pytest
import torch
from nibabel.nifti1 import Nifti1Header

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.reading import read_grid, read_image
from bundlert.images.writing import write_image

SHAPE = (5, 6, 7)
AFFINES = {
    "RAS": np.array([[0.8, 0, 0, -10], [0, 1.5, 0, 20], [0, 0, 3, 5], [0, 0, 0, 1]]),
    "LAS": np.array([[-0.8, 0, 0, 10], [0, 1.5, 0, 20], [0, 0, 3, 5], [0, 0, 0, 1]]),
    "oblique": np.array([[-0.8, 0.1, 0.2, 10], [0.05, 1.5, -0.3, 20], [0.02, 0.2, 3, 5], [0, 0, 0, 1]]),
}


def values(dtype, shape=SHAPE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def saved(tmp_path, array, affine=AFFINES["LAS"], name="scan.nii.gz", cls=nibabel.Nifti1Image):
    nibabel.save(cls(array, affine), tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
@pytest.mark.parametrize("affine", AFFINES.values(), ids=AFFINES)
def test_voxels_and_affine_are_those_that_nibabel_reads(tmp_path, affine, name):
    file = saved(tmp_path, values(np.int16), affine, name)
    image = read_image(file)
    assert image.data.dtype == torch.int16
    np.testing.assert_array_equal(image.data[0], values(np.int16))
    np.testing.assert_array_equal(image.grid.affine, nibabel.load(file).affine)
    assert image.file == file
    assert image.original is image.grid


def test_suffixes_in_capitals_are_known(tmp_path):
    file = saved(tmp_path, values(np.int16)).rename(tmp_path / "SCAN.NII.GZ")
    np.testing.assert_array_equal(read_image(file).data[0], values(np.int16))
    write_image(read_image(file), tmp_path / "MASK.NII.GZ", "int16")
    assert (tmp_path / "MASK.NII.GZ").read_bytes()[:2] == b"\x1f\x8b"


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (np.uint8, torch.uint8),
        (np.int8, torch.int16),
        (np.uint16, torch.int32),
        (np.int32, torch.int32),
        (np.uint32, torch.int64),
        (np.int64, torch.int64),
        (np.float32, torch.float32),
        (np.float64, torch.float32),
        (">i2", torch.int16),
        (">f4", torch.float32),
    ],
)
def test_every_stored_dtype_is_read_without_loss(tmp_path, stored, read):
    array = values(np.uint8) // 2
    header = Nifti1Header(endianness=">") if str(stored).startswith(">") else None
    image = nibabel.Nifti1Image(array.astype(stored), np.eye(4), header, dtype=stored)
    nibabel.save(image, tmp_path / "scan.nii.gz")
    data = read_image(tmp_path / "scan.nii.gz").data
    assert data.dtype == read
    np.testing.assert_array_equal(data[0], array)


def test_slope_and_intercept_give_float32(tmp_path):
    header = Nifti1Header()
    header.set_data_shape(SHAPE)
    header.set_data_dtype(np.int16)
    header.set_sform(AFFINES["LAS"], 1)
    header["scl_slope"], header["scl_inter"], header["vox_offset"], header["magic"] = 0.5, -1024, 352, b"n+1"
    file = tmp_path / "scan.nii"
    file.write_bytes(header.binaryblock + b"\0" * 4 + values(np.int16).tobytes(order="F"))
    data = read_image(file).data
    assert data.dtype == torch.float32
    np.testing.assert_array_equal(data[0], values(np.float32) * 0.5 - 1024)


def test_the_qform_counts_where_there_is_no_sform(tmp_path):
    image = nibabel.Nifti1Image(values(np.int16), None)
    image.set_qform(AFFINES["LAS"], 1)
    nibabel.save(image, tmp_path / "scan.nii.gz")
    np.testing.assert_allclose(read_image(tmp_path / "scan.nii.gz").grid.affine, AFFINES["LAS"], atol=1e-6)


def test_nifti_2_is_read(tmp_path):
    image = read_image(saved(tmp_path, values(np.int16), cls=nibabel.Nifti2Image))
    np.testing.assert_array_equal(image.data[0], values(np.int16))


@pytest.mark.parametrize(("shape", "channels"), [((5, 6, 7, 4), 4), ((5, 6, 7, 1, 3), 3), ((5, 6, 7, 1), 1)])
def test_the_last_axis_of_more_than_three_is_channels(tmp_path, shape, channels):
    array = values(np.int16, shape)
    data = read_image(saved(tmp_path, array)).data
    assert data.shape == (channels, 5, 6, 7)
    np.testing.assert_array_equal(data, np.moveaxis(array.reshape(5, 6, 7, channels), -1, 0))


def test_a_plane_has_one_voxel_along_the_third_axis(tmp_path):
    assert read_image(saved(tmp_path, values(np.int16, (5, 6)))).data.shape == (1, 5, 6, 1)


def test_the_grid_alone_is_read_from_the_head(tmp_path):
    file = saved(tmp_path, values(np.int16), name="scan.nii")
    grid = read_grid(file)
    assert grid.same_as(Grid(SHAPE, AFFINES["LAS"].astype(np.float32)))


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
@pytest.mark.parametrize("affine", AFFINES.values(), ids=AFFINES)
def test_what_is_written_is_read_again_by_us_and_by_nibabel(tmp_path, affine, dtype, name):
    source = read_image(saved(tmp_path, values(np.int16), affine))
    file = tmp_path / "out" / name
    write_image(source, file, dtype)
    image = nibabel.load(file)
    assert image.get_data_dtype() == dtype
    np.testing.assert_array_equal(np.asanyarray(image.dataobj), values(dtype))
    np.testing.assert_array_equal(image.affine, nibabel.load(source.file).affine)
    assert image.header.get_xyzt_units()[0] == "mm"
    assert int(image.header["sform_code"]) == int(image.header["qform_code"]) == 1
    np.testing.assert_array_equal(read_image(file).data, source.data)
    assert [path.name for path in file.parent.iterdir()] == [name]


def test_the_qform_says_the_same_where_it_can(tmp_path):
    write_image(read_image(saved(tmp_path, values(np.int16))), tmp_path / "mask.nii.gz")
    np.testing.assert_allclose(nibabel.load(tmp_path / "mask.nii.gz").get_qform(), AFFINES["LAS"], atol=1e-6)


def test_channels_are_written_last(tmp_path):
    data = torch.arange(2 * 3 * 4 * 5, dtype=torch.uint8).reshape(2, 3, 4, 5)
    write_image(Image(data, Grid((3, 4, 5), np.eye(4))), tmp_path / "a.nii.gz")
    assert nibabel.load(tmp_path / "a.nii.gz").shape == (3, 4, 5, 2)
    np.testing.assert_array_equal(read_image(tmp_path / "a.nii.gz").data, data)


def test_the_same_voxels_make_the_same_bytes(tmp_path):
    image = read_image(saved(tmp_path, values(np.int16)))
    write_image(image, tmp_path / "a.nii.gz")
    write_image(image, tmp_path / "b.nii.gz")
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


def test_floats_are_rounded_to_integers(tmp_path):
    image = Image(torch.tensor([-1.4, 0.6, 2.5]).reshape(1, 3, 1, 1), Grid((3, 1, 1), np.eye(4)))
    write_image(image, tmp_path / "a.nii.gz", "int16")
    assert read_image(tmp_path / "a.nii.gz").data.flatten().tolist() == [-1, 1, 2]


@pytest.mark.parametrize(("value", "dtype"), [(300.0, "uint8"), (-1.0, "uint8"), (40000.0, "int16"), (np.nan, "uint8")])
def test_values_that_do_not_fit_are_refused_and_nothing_is_written(tmp_path, value, dtype):
    image = Image(torch.full((1, 2, 2, 2), value), Grid((2, 2, 2), np.eye(4)))
    with pytest.raises(DataError, match=f"don't fit {dtype}\n  got: values from {value} to {value}"):
        write_image(image, tmp_path / "a.nii.gz", dtype)
    assert list(tmp_path.iterdir()) == []


def test_other_suffixes_and_dtypes_are_refused(tmp_path):
    image = Image(torch.zeros(1, 2, 2, 2), Grid((2, 2, 2), np.eye(4)))
    with pytest.raises(DataError, match=r"got: suffix '.mha'\n  expected: .nii, .nii.gz, "):
        write_image(image, tmp_path / "a.mha")
    with pytest.raises(ValueError, match="dtype must be one of uint8, int16, uint16, int32, float32, got 'int8'"):
        write_image(image, tmp_path / "a.nii", "int8")


def test_a_real_ct_is_what_nibabel_reads(real_data):
    file = real_data / "Task09_Spleen_mini" / "imagesTr" / "spleen_2.nii.gz"
    image = read_image(file)
    expected = nibabel.load(file)
    np.testing.assert_array_equal(image.data[0], np.asanyarray(expected.dataobj))
    np.testing.assert_array_equal(image.grid.affine, expected.affine)
    assert image.grid.axcodes == "LAS"


def test_gzip_of_several_members_is_read(tmp_path):
    content = gzip.decompress(saved(tmp_path, values(np.int16)).read_bytes())
    file = tmp_path / "parts.nii.gz"
    file.write_bytes(gzip.compress(content[:400]) + gzip.compress(content[400:]))
    np.testing.assert_array_equal(read_image(file).data[0], values(np.int16))
