import nibabel
import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image, Wanted
from bundlert.images.writing import write_image

GRID = Grid((2, 3, 4), np.array([[0, -2, 0, 5], [1.5, 0, 0, -7], [0, 0, 3, 9], [0, 0, 0, 1]]))


def image_of(values):
    """An image of one value after another, the rest zero."""
    data = torch.zeros(24, dtype=torch.as_tensor(values).dtype)
    data[: len(values)] = torch.as_tensor(values)
    return Image(data.view(1, 2, 3, 4), GRID)


def written(image, file, *dtype):
    write_image(image, file, *dtype)
    found = nibabel.load(file)
    return found, np.asanyarray(found.dataobj)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_nibabel_reads_what_was_written(suffix, dtype, tmp_path):
    data = torch.from_numpy(np.random.default_rng(0).integers(0, 200, (1, 2, 3, 4)))
    found, voxels = written(Image(data, GRID), tmp_path / "new" / f"a{suffix}", dtype)
    assert voxels.dtype == dtype
    np.testing.assert_array_equal(voxels, data[0])
    np.testing.assert_array_equal(found.affine, GRID.affine)


def test_channels_are_the_last_axis_in_the_file(tmp_path):
    data = torch.arange(48, dtype=torch.int16).view(2, 2, 3, 4)
    _, voxels = written(Image(data, GRID), tmp_path / "a.nii", "int16")
    np.testing.assert_array_equal(voxels, np.moveaxis(data.numpy(), 0, 3))


def test_integers_are_rounded_to_the_even_neighbour(tmp_path):
    _, voxels = written(image_of([0.4, 0.5, 1.5, 2.5, 254.7]), tmp_path / "a.nii")
    assert voxels.flatten()[:5].tolist() == [0, 0, 2, 2, 255]


def test_masks_of_true_and_false_are_ones_and_zeros(tmp_path):
    _, voxels = written(image_of([True, False, True]), tmp_path / "a.nii")
    assert voxels.flatten()[:3].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "dtype", "message"),
    [
        ([-1], "uint8", "don't fit uint8\n  got: values from -1 to 0\n  expected: 0 to 255"),
        ([256], "uint8", "don't fit uint8\n  got: values from 0 to 256\n  expected: 0 to 255"),
        ([40_000], "int16", "don't fit int16\n  got: values from 0 to 40000\n  expected: -32768 to 32767"),
        ([float("nan")], "int16", "don't fit int16\n  got: values from nan to nan"),
    ],
)
def test_values_that_dont_fit_are_refused_and_the_old_file_stays(values, dtype, message, tmp_path):
    file = tmp_path / "a.nii"
    file.write_text("old")
    with pytest.raises(DataError, match=message):
        write_image(image_of(values), file, dtype)
    assert file.read_text() == "old"


def test_a_wish_for_another_grid_must_be_fulfilled_first(tmp_path):
    image = Image(torch.zeros(1, 2, 3, 4), GRID, wanted=Wanted(GRID.flipped([0])))
    with pytest.raises(DataError, match=r"can't be written\n.*\n  expected: a realized image of three dimensions"):
        write_image(image, tmp_path / "a.nii")


def test_only_known_files_and_dtypes_are_written(tmp_path):
    expected = r"got: suffix '.bmp'\n  expected: .nii, .nii.gz, .nrrd, .png, .npy, .npz, .dcm$"
    with pytest.raises(DataError, match=expected):
        write_image(image_of([0]), tmp_path / "a.bmp")
    with pytest.raises(ValueError, match="dtype must be one of uint8, int16, uint16, int32, float32, got 'float64'"):
        write_image(image_of([0]), tmp_path / "a.nii", "float64")
    assert list(tmp_path.iterdir()) == []
