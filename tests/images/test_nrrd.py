from __future__ import annotations

import gzip

import numpy as np
import pytest
import torch
from images.itk import affine_of, itk_image, make_itk

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.reading import read_grid, read_image
from bundlert.images.writing import write_image

SHAPE = (5, 6, 7)
AFFINE = np.array([[-0.8, 0.1, 0.2, 10], [0.05, 1.5, -0.3, 20], [0.02, 0.2, 3, 5], [0, 0, 0, 1]])


def values(dtype, shape=SHAPE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gzip"])
@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr"])
def test_voxels_and_place_are_those_that_itk_wrote(tmp_path, name, packed):
    sitk = pytest.importorskip("SimpleITK")
    image = make_itk(values(np.int16))
    sitk.WriteImage(image, tmp_path / name, useCompression=packed)
    found = read_image(tmp_path / name)
    assert found.data.dtype == torch.int16
    np.testing.assert_array_equal(found.data[0], values(np.int16))
    np.testing.assert_allclose(found.grid.affine, affine_of(image), atol=1e-12)
    assert read_grid(tmp_path / name).same_as(found.grid)


@pytest.mark.parametrize("shape", [SHAPE, (5, 6, 1), (5, 6)])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_itk_reads_what_was_written(tmp_path, shape, channels):
    order = len(shape)
    affine = np.eye(order + 1)
    affine[:-1, :-1] = np.linalg.qr(AFFINE[:order, :order])[0] * [0.8, 1.5, 3][:order]
    affine[:-1, -1] = AFFINE[:order, 3]
    image = Image(torch.from_numpy(values(np.int16, (channels, *shape))), Grid(shape, affine))
    write_image(image, tmp_path / "new" / "a.nrrd", "int16")
    voxels, found = itk_image(tmp_path / "new" / "a.nrrd")
    np.testing.assert_array_equal(voxels, image.data)
    np.testing.assert_allclose(found, affine, atol=1e-9)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32"])
def test_pynrrd_reads_what_was_written(tmp_path, dtype):
    nrrd = pytest.importorskip("nrrd")
    write_image(Image(torch.from_numpy(values(np.int16))[None], Grid(SHAPE, AFFINE)), tmp_path / "a.nrrd", dtype)
    voxels, head = nrrd.read(str(tmp_path / "a.nrrd"))
    assert voxels.dtype == dtype
    np.testing.assert_array_equal(voxels, values(dtype))
    np.testing.assert_array_equal(head["space directions"].T, np.diag([-1, -1, 1]) @ AFFINE[:3, :3])


@pytest.mark.parametrize("channels", [1, 3])
def test_what_was_written_is_read_again_bit_by_bit(tmp_path, channels):
    image = Image(torch.from_numpy(values(np.float32, (channels, *SHAPE))), Grid(SHAPE, AFFINE))
    write_image(image, tmp_path / "a.nrrd", "float32")
    found = read_image(tmp_path / "a.nrrd")
    assert torch.equal(found.data, image.data)
    np.testing.assert_array_equal(found.grid.affine, AFFINE)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "text"])
@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("u1", torch.uint8),
        ("i1", torch.int16),
        ("<i2", torch.int16),
        (">i2", torch.int16),
        (">u2", torch.int32),
        ("<i4", torch.int32),
        ("<u4", torch.int64),
        (">i8", torch.int64),
        ("<f4", torch.float32),
        (">f8", torch.float32),
    ],
)
def test_pynrrd_files_of_every_kind_are_read(tmp_path, stored, read, encoding):
    nrrd = pytest.importorskip("nrrd")
    head = {"encoding": encoding, "space": "RAS", "space directions": AFFINE[:3, :3].T, "space origin": AFFINE[:3, 3]}
    nrrd.write(str(tmp_path / "a.nrrd"), values(stored), head)
    found = read_image(tmp_path / "a.nrrd")
    assert found.data.dtype == read
    np.testing.assert_array_equal(found.data[0], values("f8"))
    np.testing.assert_allclose(found.grid.affine, AFFINE, rtol=1e-14)


def test_a_gzip_stream_of_several_members_is_read(tmp_path):
    head = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 3 4\nencoding: gz\n\n"
    numbers = bytes(range(24))
    (tmp_path / "a.nrrd").write_bytes(head + gzip.compress(numbers[:7]) + gzip.compress(numbers[7:]))
    assert read_image(tmp_path / "a.nrrd").data.permute(0, 3, 2, 1).flatten().tolist() == list(range(24))


def test_nan_stays_nan(tmp_path):
    data = torch.tensor([[[[1.0, torch.nan, 3.0]]]])
    write_image(Image(data, Grid((1, 1, 3), np.eye(4))), tmp_path / "a.nrrd", "float32")
    assert read_image(tmp_path / "a.nrrd").data[0, 0, 0].isnan().tolist() == [False, True, False]


def test_the_real_ct_written_by_itk_is_read_as_its_nifti(tmp_path, real_data):
    sitk = pytest.importorskip("SimpleITK")
    nifti = real_data / "Task09_Spleen_mini" / "imagesTr" / "spleen_2.nii.gz"
    sitk.WriteImage(sitk.ReadImage(nifti), tmp_path / "a.nrrd", useCompression=True)
    found, expected = read_image(tmp_path / "a.nrrd"), read_image(nifti)
    assert torch.equal(found.data, expected.data)
    assert found.grid.same_as(expected.grid)
    np.testing.assert_allclose(found.grid.affine, expected.grid.affine, atol=1e-5)


def test_an_old_file_stays_where_the_new_one_cannot_be(tmp_path):
    (tmp_path / "a.nrrd").write_text("old")
    with pytest.raises(DataError, match="don't fit uint8"):
        write_image(Image(torch.full((1, 2, 2, 2), 300), Grid((2, 2, 2), np.eye(4))), tmp_path / "a.nrrd")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.nrrd", "old")]
