from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.images.arrays import read_members
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.reading import read_grid, read_image
from bundlert.images.writing import write_image

AFFINE = np.array([[-0.8, 0.1, 0.2, 10], [0.05, 1.5, -0.3, 20], [0.02, 0.2, 3, 5], [0, 0, 0, 1]])


class Trap:
    """Its pickle would make a file."""

    def __reduce__(self):
        return open, ("trapped", "w")


def saved(folder, array, name="a.npy", **others):
    if name.endswith("z"):
        np.savez_compressed(folder / name, array, **others)
    else:
        np.save(folder / name, array)
    return folder / name


@pytest.mark.parametrize(("name", "order"), [("a.npy", "C"), ("a.npy", "F"), ("a.npz", "C"), ("a.npz", "F")])
@pytest.mark.parametrize(
    ("shape", "read"),
    [
        ((4, 5), (1, 4, 5)),
        ((4, 5, 6), (1, 4, 5, 6)),
        ((2, 4, 5, 6), (2, 4, 5, 6)),
        ((4, 5, 1), (1, 4, 5, 1)),
    ],
)
def test_axes_are_taken_for_space_and_four_for_channels_and_space(tmp_path, name, order, shape, read):
    array = np.asarray(np.random.default_rng(0).integers(0, 99, shape).astype(np.int16), order=order)
    image = read_image(saved(tmp_path, array, name))
    assert image.data.dtype == torch.int16
    np.testing.assert_array_equal(image.data, array.reshape(read))
    np.testing.assert_array_equal(image.grid.affine, np.eye(len(read)))
    assert read_grid(tmp_path / name).same_as(image.grid)


@pytest.mark.parametrize(
    ("stored", "read"),
    [("?", torch.uint8), ("u1", torch.uint8), (">i2", torch.int16), ("f2", torch.float32), ("f8", torch.float32)],
)
def test_numbers_of_every_kind_are_read(tmp_path, stored, read):
    data = read_image(saved(tmp_path, np.array([[0, 1, 1]]).astype(stored))).data
    assert (data.dtype, data.tolist()) == (read, [[[0, 1, 1]]])


def test_nan_stays_nan(tmp_path):
    assert read_image(saved(tmp_path, np.array([[1, np.nan]]))).data.isnan().tolist() == [[[False, True]]]


@pytest.mark.parametrize(("channels", "shape"), [(1, (4, 5, 6)), (3, (4, 5, 6)), (1, (4, 5)), (3, (4, 5))])
def test_an_archive_keeps_the_place_and_tells_channels_from_space(tmp_path, channels, shape):
    affine = AFFINE if len(shape) == 3 else np.array([[2, 0.5, 3], [0, 1, 4], [0, 0, 1]])
    image = Image(torch.randn(channels, *shape, generator=torch.Generator().manual_seed(0)), Grid(shape, affine))
    write_image(image, tmp_path / "new" / "a.npz", "float32")
    found = read_image(tmp_path / "new" / "a.npz")
    assert torch.equal(found.data, image.data)
    np.testing.assert_array_equal(found.grid.affine, affine)
    write_image(image, tmp_path / "b.npz", "float32")
    assert (tmp_path / "b.npz").read_bytes() == (tmp_path / "new" / "a.npz").read_bytes()


def test_numpy_reads_what_was_written(tmp_path):
    image = Image(torch.arange(24, dtype=torch.uint8).view(1, 2, 3, 4), Grid((2, 3, 4), AFFINE))
    write_image(image, tmp_path / "a.npy")
    write_image(image, tmp_path / "a.npz", "int16")
    assert np.load(tmp_path / "a.npy", allow_pickle=False).tolist() == image.data[0].tolist()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert set(archive) == {"image", "affine"}
        assert (archive["image"].dtype, archive["image"].shape) == (np.int16, (2, 3, 4))
        np.testing.assert_array_equal(archive["affine"], AFFINE)


def test_channels_of_a_plane_that_would_be_read_as_a_volume_are_refused(tmp_path):
    image = Image(torch.zeros(3, 4, 5), Grid((4, 5), np.eye(3)))
    with pytest.raises(DataError, match=r"got: 3 channels of a plane\n.*\n  try: write .npz"):
        write_image(image, tmp_path / "a.npy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_pickles_are_never_run(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"has no numbers\n  got: objects \(object\)|is damaged"):
        read_image(saved(tmp_path, np.array([[Trap(), 1], [2, 3]], dtype=object), name))
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
@pytest.mark.parametrize(
    "array",
    [np.zeros(3), np.zeros((2, 0, 3)), np.zeros((1, 1, 1, 1, 1)), np.zeros((2, 2), complex), np.array([["a"]])],
    ids=str,
)
def test_what_is_no_image_is_refused(tmp_path, name, array):
    with pytest.raises(DataError, match=r"has no usable array\n  got: .*\n  expected: numbers, \[X, Y\], \[X, Y, Z\]"):
        read_image(saved(tmp_path, array, name))


def test_an_archive_of_several_arrays_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"has 2 arrays\n  got: b, arr_0\n  expected: one, and perhaps an 'affine'"):
        read_image(saved(tmp_path, np.zeros((2, 2)), "a.npz", b=np.zeros(2)))


@pytest.mark.parametrize(
    ("affine", "message"),
    [
        (np.eye(5), "has no usable place\n  got: an affine 5 x 5 float64"),
        (np.eye(4), "has no usable place\n  got: an affine 4 x 4 float64"),
        (np.zeros((3, 3)), "its affine is singular"),
        (np.full((3, 3), np.nan), "its affine has values that are not finite"),
    ],
)
def test_an_affine_that_cannot_be_is_refused(tmp_path, affine, message):
    with pytest.raises(DataError, match=message):
        read_image(saved(tmp_path, np.zeros((2, 2)), "a.npz", affine=affine))


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_huge_claim_takes_no_memory(tmp_path, name):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<i2", "fortran_order": False, "shape": (10**6, 10**6, 10)})
    if name == "a.npy":
        (tmp_path / name).write_bytes(head.getvalue())
    else:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("arr_0.npy", head.getvalue())
    with pytest.raises(DataError, match=r"claims more voxels than it can hold\n.*\n  expected: 20.0 TB"):
        read_image(tmp_path / name)


def test_members_are_read_by_name_as_they_are_stored(tmp_path):
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.array([True, False]), "c": np.float16(3)}
    np.savez(tmp_path / "all.npz", **arrays)
    found = read_members(tmp_path / "all.npz", ["c", "a", "b"])
    assert list(found) == ["c", "a", "b"]
    for name, array in found.items():
        assert array.dtype == arrays[name].dtype
        np.testing.assert_array_equal(array, arrays[name])
    with pytest.raises(DataError, match=r"has no array 'd'\n  got: a, b"):
        read_members(tmp_path / "all.npz", ["d"])
