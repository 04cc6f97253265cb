from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from transforms.spatial.by_scipy import blocks, places, smooth

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms import lazy
from bundlert.transforms.crop.spatial import SpatialCrop
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.pad import BorderPad, DivisiblePad, SpatialPad
from bundlert.transforms.spatial.rotate import Rotate
from bundlert.transforms.spatial.spacing import Spacing


@pytest.fixture
def resampled(monkeypatch):
    """The shapes to which images are resampled while a test runs."""
    shapes = []
    original = lazy.resample_affine

    def counted(data, matrix, shape, *arguments):
        shapes.append(tuple(shape))
        return original(data, matrix, shape, *arguments)

    monkeypatch.setattr(lazy, "resample_affine", counted)
    return shapes


def test_small_axes_are_padded_on_both_sides_and_large_ones_stay(make_image):
    image = make_image((3, 6, 9))
    result = realize(SpatialPad("image", (6, 7, 8))({"image": image})["image"])
    np.testing.assert_array_equal(result.data, np.pad(image.data, ((0, 0), (1, 2), (0, 1), (0, 0))))
    np.testing.assert_allclose(result.grid.affine[:3, 3], [-1, 0, 0])


def test_or_behind(make_image):
    image = make_image((3, 6, 9))
    result = realize(SpatialPad("image", (6, -1, 12), "end", "edge")({"image": image})["image"])
    np.testing.assert_array_equal(result.data, np.pad(image.data, ((0, 0), (0, 3), (0, 0), (0, 3)), mode="edge"))
    np.testing.assert_allclose(result.grid.affine[:3, 3], [0, 0, 0])


def test_an_image_that_is_large_enough_is_left_as_it_is(make_image):
    image = make_image((6, 7, 8))
    assert SpatialPad("image", (6, 2, 8))({"image": image})["image"] is image
    assert DivisiblePad("image", (3, 7, 4))({"image": image})["image"] is image
    assert BorderPad("image", 0)({"image": image})["image"] is image


def test_labels_keep_their_dtype(make_image):
    image = make_image(voxels=torch.ones(2, 2, 2, dtype=torch.uint8))
    result = realize(SpatialPad("image", 4)({"image": image})["image"])
    assert result.data.dtype == torch.uint8
    assert result.data.sum() == 8


@pytest.mark.parametrize(
    ("border", "width"),
    [
        (2, [(2, 2)] * 3),
        ([2], [(2, 2)] * 3),
        ([1, 0, 3], [(1, 1), (0, 0), (3, 3)]),
        ([1, 2, 0, 3, 4, 0], [(1, 2), (0, 3), (4, 0)]),
    ],
)
def test_borders_are_one_for_all_or_for_each_axis_or_for_each_side(make_image, border, width):
    image = make_image((3, 4, 5))
    result = realize(BorderPad("image", border)({"image": image})["image"])
    np.testing.assert_array_equal(result.data[0], np.pad(image.data[0], width))


def test_axes_become_divisible(make_image):
    image = make_image((3, 8, 9))
    result = realize(DivisiblePad("image", 4)({"image": image})["image"])
    np.testing.assert_array_equal(result.data[0], np.pad(image.data[0], [(0, 1), (0, 0), (1, 2)]))
    result = DivisiblePad("image", (2, 1, 5), "edge", "end")({"image": image})["image"]
    np.testing.assert_array_equal(realize(result).data[0], np.pad(image.data[0], [(0, 1), (0, 0), (0, 1)], mode="edge"))


def test_behind_spacing_it_stays_one_resampling(resampled):
    image = smooth((13, 12, 11))
    sample = SpatialPad("image", 40)(Spacing("image", 1.0)({"image": image}))
    assert resampled == []
    assert realize(sample["image"]).data.shape == (1, 40, 40, 40)
    assert resampled == [(40, 40, 40)]


@pytest.mark.parametrize("image", [smooth(), blocks()], ids=["image", "label"])
@pytest.mark.parametrize("pixdim", [0.7, 1.3, (0.5, 1, 4)])
def test_behind_spacing_the_voxels_stay_and_padding_begins_where_the_cells_of_the_file_end(image, pixdim):
    spaced = Spacing("image", pixdim, "nearest")({"image": image})
    expected = realize(spaced["image"]).data[0].numpy()
    result = realize(SpatialPad("image", 40)(spaced)["image"])
    before = [max(40 - size, 0) // 2 for size in expected.shape]
    box = tuple(slice(first, first + size) for first, size in zip(before, expected.shape, strict=True))
    np.testing.assert_array_equal(result.data[0][box], expected)
    at = places(image.grid.matrix_to(result.grid), result.shape)
    outside = ((at < -0.5 - 1e-6) | (at > np.array([13, 12, 11]).reshape(3, 1, 1, 1) - 0.5 + 1e-6)).any(axis=0)
    outside[box] = False
    assert outside.sum() > 10_000
    assert (result.data[0].numpy()[outside] == 0).all()


def test_the_voxel_that_sticks_out_keeps_its_value():
    """4 voxels of 1 mm become 4 of 1.2 mm: the last lies at 3.6 mm, beyond the image, and is none of the padding."""
    image = Image(torch.arange(1.0, 5).view(1, 4, 1, 1), Grid((4, 1, 1), np.eye(4)))
    result = realize(SpatialPad("image", (6, 1, 1))(Spacing("image", (1.2, 1, 1))({"image": image}))["image"])
    np.testing.assert_allclose(result.data.flatten(), [0, 1, 2.2, 3.4, 4, 0], atol=1e-6)


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_what_a_crop_cut_off_does_not_come_back(make_image, resampled, cut):
    image = make_image(voxels=torch.ones(10, 10, 10))
    cropped = SpatialCrop("image", roi_start=cut, roi_end=10)({"image": image})
    result = realize(SpatialPad("image", 12)(cropped)["image"])
    assert result.data.sum() == (10 - cut) ** 3
    assert resampled == [(10 - cut,) * 3, (12,) * 3]


def test_the_corners_that_a_rotation_cut_off_do_not_come_back():
    image = Image(torch.ones(1, 9, 9, 1), Grid((9, 9, 1), np.eye(4)))
    turned = Rotate("image", (0, 0, np.pi / 4), padding_mode="zeros")({"image": image})
    result = realize(BorderPad("image", 3)(turned)["image"])
    expected = ndimage.rotate(np.ones((9, 9)), 45, reshape=False, order=1, mode="constant", cval=0)
    assert result.data[0, :3].abs().sum() == result.data[0, :, -3:].abs().sum() == 0
    assert realize(turned["image"]).data[0, 4, 0, 0] == 1
    assert (result.data[0, 3:12, 3:12, 3].numpy() >= expected - 1e-5).all()


@pytest.mark.parametrize(
    ("step", "arguments", "message"),
    [
        (SpatialPad, {"spatial_size": (6, 7)}, r"spatial_size must be one value or 3, got \(6, 7\)"),
        (SpatialPad, {"spatial_size": 6, "method": "left"}, "method must be one of symmetric, end, got 'left'"),
        (DivisiblePad, {"k": (2, 2)}, r"k must be one value or 3, got \(2, 2\)"),
        (BorderPad, {"spatial_border": [1, 2]}, r"spatial_border must be 1, 3 or 6 values, got \[1, 2\]"),
        (BorderPad, {"spatial_border": [1, -2, 0]}, r"spatial_border must be >= 0 voxels, got \[1, -2, 0\]"),
    ],
)
def test_what_cant_be_is_refused(make_image, step, arguments, message):
    with pytest.raises(ValueError, match=message):
        step("image", **arguments)({"image": make_image()})
