from __future__ import annotations

import numpy as np
import pytest
import torch
from images.itk import affine_of, itk_image, make_itk

from bundlert.errors import DataError
from bundlert.images.reading import read_grid, read_image

NUMBERS = np.arange(24, dtype="<i2")
CONTENT = NUMBERS.tobytes()
FIELDS = {
    "ObjectType": "Image",
    "NDims": "3",
    "BinaryData": "True",
    "BinaryDataByteOrderMSB": "False",
    "CompressedData": "False",
    "TransformMatrix": "0.8 0.6 0 -0.6 0.8 0 0 0 1",
    "Offset": "5 6 7",
    "CenterOfRotation": "1 2 3",
    "ElementSpacing": "1 2 3",
    "DimSize": "2 3 4",
    "ElementType": "MET_SHORT",
}


def written(folder, *, name="a.mha", content=CONTENT, place="LOCAL", **fields):
    """A file of these fields; None leaves one out."""
    told = {key: value for key, value in {**FIELDS, **fields}.items() if value is not None}
    head = "".join(f"{key} = {value}\n" for key, value in told.items())
    (folder / name).write_bytes(f"{head}ElementDataFile = {place}\n".encode() + content)
    return folder / name


def values(dtype, shape=(5, 6, 7)) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "zlib"])
@pytest.mark.parametrize("name", ["a.mha", "a.mhd"])
@pytest.mark.parametrize("shape", [(5, 6, 7), (5, 6, 1), (5, 6)])
def test_voxels_and_place_are_those_that_itk_wrote(tmp_path, name, packed, shape):
    sitk = pytest.importorskip("SimpleITK")
    image = make_itk(values(np.int16, shape))
    sitk.WriteImage(image, tmp_path / name, useCompression=packed)
    found = read_image(tmp_path / name)
    assert found.data.dtype == torch.int16
    np.testing.assert_array_equal(found.data[0], values(np.int16, shape))
    np.testing.assert_allclose(found.grid.affine, affine_of(image), atol=1e-12)
    assert read_grid(tmp_path / name).same_as(found.grid)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("u1", torch.uint8),
        ("i1", torch.int16),
        ("i2", torch.int16),
        ("u2", torch.int32),
        ("i4", torch.int32),
        ("u4", torch.int64),
        ("i8", torch.int64),
        ("f4", torch.float32),
        ("f8", torch.float32),
    ],
)
def test_itk_files_of_every_kind_are_read(tmp_path, stored, read):
    sitk = pytest.importorskip("SimpleITK")
    sitk.WriteImage(make_itk(values(stored)), tmp_path / "a.mha")
    found = read_image(tmp_path / "a.mha").data
    assert found.dtype == read
    np.testing.assert_array_equal(found[0], values("f8"))


VARIANTS = {
    "as it is": {},
    "old names": {"TransformMatrix": None, "Rotation": FIELDS["TransformMatrix"], "Offset": None, "Position": "1 2 3"},
    "size for spacing": {"ElementSpacing": None, "ElementSize": "4 5 6"},
    "no place": {"TransformMatrix": None, "Offset": None, "ElementSpacing": None},
    "most significant byte first": {"BinaryDataByteOrderMSB": "True"},
    "its other name": {"BinaryDataByteOrderMSB": None, "ElementByteOrderMSB": "True"},
    "long is four bytes": {"ElementType": "MET_LONG", "DimSize": "1 3 4"},
    "channels": {"ElementNumberOfChannels": "2", "DimSize": "2 3 2"},
    "a slope is passed over": {"ElementToIntensityFunctionSlope": "2"},
}


@pytest.mark.parametrize("fields", VARIANTS.values(), ids=VARIANTS)
def test_a_header_is_understood_as_itk_does(tmp_path, fields):
    file = written(tmp_path, **fields)
    image = read_image(file)
    voxels, affine = itk_image(file)
    np.testing.assert_array_equal(image.data, voxels)
    np.testing.assert_allclose(image.grid.affine, affine, atol=1e-12)


def test_a_fourth_dimension_is_the_channels(tmp_path):
    file = written(
        tmp_path,
        NDims="4",
        CenterOfRotation=None,
        DimSize="2 3 2 2",
        TransformMatrix="1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1",
        Offset="5 6 7 0",
        ElementSpacing="1 2 3 9",
    )
    image = read_image(file)
    voxels, affine = itk_image(file)  # [1, X, Y, Z, T]
    np.testing.assert_array_equal(image.data, voxels[0].transpose(3, 0, 1, 2))
    keep = [0, 1, 2, 4]
    np.testing.assert_allclose(image.grid.affine, affine[np.ix_(keep, keep)])


def test_a_sheared_matrix_is_kept_as_it_is(tmp_path):
    grid = read_grid(written(tmp_path, TransformMatrix="1 0.5 0 0 1 0 0 0 1", Offset="0 0 0"))
    np.testing.assert_array_equal(grid.affine[:3, :3], [[-1, 0, 0], [-0.5, -2, 0], [0, 0, 3]])


def test_numbers_may_be_written_out(tmp_path):
    file = written(tmp_path, BinaryData="False", content=" ".join(map(str, NUMBERS)).encode())
    np.testing.assert_array_equal(read_image(file).data.numpy().transpose(0, 3, 2, 1).ravel(), NUMBERS)


@pytest.mark.parametrize("skip", ["8", "-1"])
def test_voxels_may_stand_in_another_file_behind_a_head(tmp_path, skip):
    (tmp_path / "a.raw").write_bytes(b"anything" + NUMBERS.tobytes())
    file = written(tmp_path, name="a.mhd", place="a.raw", content=b"", HeaderSize=skip)
    np.testing.assert_array_equal(read_image(file).data, itk_image(file)[0])


WRONG = {
    "type": ({"ElementType": "MET_STRING"}, "ElementType MET_STRING\n  expected: one of MET_CHAR"),
    "no type": ({"ElementType": None}, "ElementType None"),
    "no sizes": ({"DimSize": None}, "DimSize = nothing\n  expected: whole numbers"),
    "sizes": ({"DimSize": "2 3"}, "NDims 3, DimSize 2 3, 1 channels"),
    "no voxels": ({"DimSize": "2 0 4"}, "NDims 3, DimSize 2 0 4"),
    "dimensions": ({"NDims": "5"}, "NDims 5"),
    "matrix": ({"TransformMatrix": "1 0 0 1"}, "TransformMatrix = 1 0 0 1\n  expected: 9 numbers"),
    "words": ({"Offset": "a b c"}, "Offset = a b c\n  expected: numbers"),
    "several files": ({"place": "LIST"}, "its voxels in several files"),
    "a file elsewhere": ({"place": "../a.raw"}, "its voxels in '../a.raw'"),
    "channels and time": (
        {"NDims": "4", "DimSize": "2 3 2 1", "ElementNumberOfChannels": "2"},
        "NDims 4, DimSize 2 3 2 1, 2 channels\n  expected: 2 or 3 dimensions, or 4",
    ),
}


@pytest.mark.parametrize(("fields", "message"), WRONG.values(), ids=WRONG)
def test_a_header_that_cannot_be_understood_is_told(tmp_path, fields, message):
    with pytest.raises(DataError, match=f"has a wrong header\n  got: {message}"):
        read_grid(written(tmp_path, **fields))


def test_a_header_without_an_end(tmp_path):
    (tmp_path / "a.mha").write_text("ObjectType = Image\nNDims = 3\n")
    with pytest.raises(DataError, match="ends early\n  got: a header\n  expected: ElementDataFile"):
        read_grid(tmp_path / "a.mha")
    (tmp_path / "a.mha").write_text("ObjectType = Image\nwhat?\n")
    with pytest.raises(DataError, match=r"is damaged\n  got: a line 'what\?' in its header\n  expected: name = value"):
        read_grid(tmp_path / "a.mha")


def test_the_real_ct_written_by_itk_is_read_as_its_nifti(tmp_path, real_data):
    sitk = pytest.importorskip("SimpleITK")
    nifti = real_data / "Task09_Spleen_mini" / "imagesTr" / "spleen_1.nii.gz"
    sitk.WriteImage(sitk.ReadImage(nifti), tmp_path / "a.mha", useCompression=True)
    found, expected = read_image(tmp_path / "a.mha"), read_image(nifti)
    assert torch.equal(found.data, expected.data)
    assert found.grid.same_as(expected.grid)
