from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms import lazy
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.center import CenterSpatialCrop
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.crop.random_spatial import RandSpatialCrop
from bundlert.transforms.lazy import leaves_out, reaches_out, realize, realized, realized_alone, wish
from bundlert.transforms.spatial.affine import RandAffine
from bundlert.transforms.spatial.bending import RandElastic
from bundlert.transforms.spatial.flip import RandFlip
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.pad import DivisiblePad, SpatialPad
from bundlert.transforms.spatial.rotate90 import RandRotate90
from bundlert.transforms.spatial.spacing import Spacing

OBLIQUE = np.array([[0.05, -1.1, 0.2, 10], [-0.8, 0.05, -0.3, 20], [0.1, 0.2, -3, 5], [0, 0, 0, 1.0]])


def body() -> torch.Tensor:
    """A smooth blob off the middle, below zero around."""
    x, y, z = np.meshgrid(*(np.arange(n) for n in (30, 26, 14)), indexing="ij")
    blob = 100 * np.exp(-(((x - 12) / 6) ** 2 + ((y - 15) / 5) ** 2 + ((z - 6) / 3) ** 2)) - 20
    return torch.from_numpy(blob.astype(np.float32))[None]


def test_a_wish_touches_no_voxel(make_image):
    image = make_image()
    wished = wish(image, image.grid.flipped([0]))
    assert wished.data is image.data
    assert realize(image) is image


def test_voxels_that_another_image_has_are_copied_before_they_change(make_image):
    image = make_image((6, 7, 8))
    cropped = wish(image, image.grid.cropped((0, 0, 0), (6, 7, 7)))
    before = image.data.clone()
    for one in (image, cropped, wish(image, image.grid.flipped([0]))):
        realized_alone(one, image.data.dtype).data.zero_()
    assert torch.equal(image.data, before)


def test_voxels_that_were_just_resampled_are_not_copied_again(make_image, monkeypatch):
    image = make_image((6, 7, 8))
    monkeypatch.setattr(torch.Tensor, "clone", None)
    made = realized_alone(wish(image, image.grid.flipped([0])), torch.float64)
    assert torch.equal(made.data, image.data.flip(1).double())
    assert made.wanted is None


def test_a_chain_of_moves_is_done_at_once_and_copies_voxels(make_image):
    image = make_image((6, 7, 8))
    for grid in (image.grid.flipped([1]), image.grid.flipped([1]).cropped((1, 0, 2), (4, 5, 6))):
        image = wish(image, grid)
    expected = make_image((6, 7, 8)).data.flip(2)[:, 1:5, 0:5, 2:8]
    assert torch.equal(realize(image).data, expected)
    assert realize(image).wanted is None


def test_wishes_that_differ_are_fulfilled_one_after_another(make_image):
    image = make_image((6, 7, 8))
    first = wish(image, image.grid.cropped((-3, 0, 0), (9, 7, 8)), padding="border")
    both = wish(first, first.target.cropped((-2, 0, 0), (11, 7, 8)), padding="zeros")
    assert both.grid is first.target
    assert (realize(both).data[:, :2] == 0).all()
    assert torch.equal(realize(both).data[:, 2:], realize(first).data)


def test_paddings_that_differ_are_one_wish_where_the_first_reaches_nothing_outside(make_image):
    image = make_image((6, 7, 8))
    first = wish(image, image.grid.spaced(2.0), mode="bilinear", padding="border")
    both = wish(first, first.target.cropped((-1, 0, 0), (4, 4, 4)), padding="zeros")
    assert both.grid is image.grid
    assert (realize(both).data[:, 0] == 0).all()
    torch.testing.assert_close(realize(both).data[:, 1:4], realize(first).data[:, :3])


def test_padding_does_not_bring_back_what_was_cropped(make_image):
    image = make_image((6, 6, 6), voxels=torch.ones(6, 6, 6))
    cropped = wish(image, image.grid.cropped((2, 2, 2), (2, 2, 2)))
    padded = realize(SpatialPad("image", (4, 4, 4))({"image": cropped})["image"])
    assert padded.data.sum() == 8


def test_realized_serves_some_keys_or_all(make_image):
    image = make_image()
    sample = {"a": wish(image, image.grid.flipped([0])), "b": wish(image, image.grid.flipped([1])), "name": "x"}
    some = realized(sample, ["a"])
    assert some["a"].wanted is None
    assert some["b"].wanted is not None
    assert realized(sample)["b"].wanted is None
    assert realized(sample)["name"] == "x"


@pytest.mark.parametrize(("mode", "order"), [("bilinear", 1), ("nearest", 0)])
@pytest.mark.parametrize("affine", [np.diag([-0.83, 1.1, 3.07, 1]), OBLIQUE], ids=["LAS", "oblique"])
def test_a_lazy_chain_gives_what_its_steps_give_one_by_one_through_scipy(affine, mode, order):
    image = Image(body(), Grid((30, 26, 14), affine))
    steps = [Orientation("image"), Spacing("image", (1.5, 1.5, 2.0), mode=mode), CropForeground("image", "image")]
    lazy = realize(Compose(steps)({"image": image})["image"])

    current, voxels = image.grid, body()[0].double().numpy()
    for step in (Orientation("image"), Spacing("image", (1.5, 1.5, 2.0))):
        target = step({"image": Image(torch.zeros(1, *current.shape), current)})["image"].target
        matrix = current.matrix_to(target)
        voxels = ndimage.affine_transform(voxels, matrix, output_shape=target.shape, order=order, mode="nearest")
        current = target
    box = ndimage.find_objects((voxels > 0).astype(int))[0]
    assert lazy.grid.same_as(current.cropped([side.start for side in box], [side.stop - side.start for side in box]))
    np.testing.assert_allclose(lazy.data[0], voxels[box], atol=1e-3)


def test_labels_follow_by_one_resampling_of_the_box_alone(make_image, monkeypatch):
    label = replace(make_image(voxels=(body()[0] > 0).to(torch.uint8)), grid=Grid((30, 26, 14), OBLIQUE))
    sample = {"image": Image(body(), Grid((30, 26, 14), OBLIQUE)), "label": label}
    keys = ["image", "label"]
    chain = [Orientation(keys), Spacing(keys, 1.5, mode=["bilinear", "nearest"]), CropForeground(keys, "image")]
    result = Compose(chain)(sample)
    assert result["label"].data is label.data
    image, cut = realize(result["image"]), realize(result["label"])
    assert cut.data.dtype == torch.uint8
    assert cut.grid.same_as(image.grid)
    agree = ((image.data > 0) == (cut.data > 0)).double().mean()
    assert agree > 0.9


@pytest.fixture
def resampled(monkeypatch):
    """What is resampled while a test runs: the voxels, and the shape they come to."""
    calls = []

    def counted(original):
        def call(data, matrix, shape, *arguments, **options):
            calls.append((data, tuple(shape)))
            return original(data, matrix, shape, *arguments, **options)

        return call

    for name in ("resample_affine", "resample_warped"):
        monkeypatch.setattr(lazy, name, counted(getattr(lazy, name)))
    return calls


def move(start):
    matrix = np.eye(4)
    matrix[:3, 3] = start
    return matrix


def turned(angle):
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


STEPS = np.array([1.2 / 0.9, 1.1 / 0.8, 3 / 2.5])  # from voxels of the file to those of 1.2 x 1.1 x 3 mm
LPS = Grid((30, 26, 14), np.array([[-0.9, 0, 0, 7], [0, -0.8, 0, -3], [0, 0, 2.5, 11], [0, 0, 0, 1]]))


def box_of(mask, mode):
    """Where a mask begins and how far it goes once it is oriented and spaced, axis by axis."""
    start, size = [], []
    for axis, step in enumerate(STEPS):
        line = mask.any(axis=tuple({0, 1, 2} - {axis})).astype(float)
        line = line[::-1] if axis < 2 else line
        at = np.arange(round((len(line) - 1) / step + 1)) * step
        seen = np.interp(at, np.arange(len(line)), line) if mode == "bilinear" else line[np.floor(at + 0.5).astype(int)]
        (found,) = np.nonzero(seen)
        start.append(found[0])
        size.append(found[-1] - found[0] + 1)
    return np.array(start), np.array(size)


def product(start, size, angle, last):
    """From an index of the last crop to one of the file, step by step, each matrix made by hand."""
    orient = np.diag([-1.0, -1, 1, 1])  # the file reads LPS: two axes are turned around
    orient[:2, 3] = 30 - 1, 26 - 1
    turn = move((size - 1) / 2) @ turned(angle) @ move(-(size - 1) / 2)
    flip = np.diag([-1.0, 1, -1, 1])
    flip[[0, 2], 3] = size[[0, 2]] - 1
    return orient @ np.diag([*STEPS, 1]) @ move(start) @ turn @ flip @ move(last)


@pytest.mark.parametrize(("mode", "order"), [("bilinear", 1), ("nearest", 0)])
def test_a_whole_chain_resamples_once_and_only_the_last_crop(resampled, mode, order):
    image, mask = Image(body(), LPS), torch.zeros(1, *LPS.shape)
    mask[:, 4:27, 3:24, 2:13] = 1
    keys = ["image", "mask"]
    fixed = Compose([Orientation(keys), Spacing(keys, (1.2, 1.1, 3), mode=mode), CropForeground(keys, "mask")])
    chance = (
        RandAffine("image", 1, rotate_range=[0, 0, 0.4], mode=mode),
        RandFlip("image", 1, (0, 2)),
        RandSpatialCrop("image", (8, 7, 5)),
    )
    sample, drawn, rng = fixed({"image": image, "mask": Image(mask, LPS)}), [], np.random.default_rng(5)
    for step in chance:
        drawn.append(step.draw(sample, rng))
        sample = step.apply(sample, drawn[-1])
    assert [shape for data, shape in resampled if data is image.data] == []
    voxels = realize(sample["image"])
    assert [shape for data, shape in resampled if data is image.data] == [(8, 7, 5)]

    matrix = product(*box_of(mask[0].numpy(), mode), drawn[0]["rotate"][2], drawn[2]["start"])
    np.testing.assert_allclose(voxels.grid.affine, LPS.affine @ matrix, atol=1e-9)
    indices = np.indices((8, 7, 5), dtype=float).reshape(3, -1)
    at = (matrix[:3, :3] @ indices + matrix[:3, 3:]).reshape(3, 8, 7, 5)
    expected = ndimage.map_coordinates(image.data[0].double().numpy(), at, order=order, mode="nearest")
    assert expected.std() > 1
    np.testing.assert_allclose(voxels.data[0], expected, atol=2e-3)


@pytest.mark.parametrize("dtype", [torch.int16, torch.uint8, torch.float32])
def test_a_chain_of_whole_voxels_never_interpolates(resampled, dtype):
    voxels = torch.from_numpy(np.random.default_rng(0).integers(0, 250, LPS.shape)).to(dtype)
    chain = [
        Orientation("image"),
        RandFlip("image", 1, (1, 2)),
        RandRotate90("image", 1, 1, (0, 2)),
        CenterSpatialCrop("image", (5, 6, 4)),
    ]
    sample = Compose(chain)({"image": Image(voxels[None], LPS)}, np.random.default_rng(0))
    result = realize(sample["image"])
    assert len(resampled) == 1
    upright = voxels.numpy()[::-1, ::-1]
    moved = np.rot90(upright[:, ::-1, ::-1], 1, (0, 2))  # 14 x 26 x 30
    assert result.data.dtype == dtype
    np.testing.assert_array_equal(result.data[0], moved[5:10, 10:16, 13:17])

    padded = realize(DivisiblePad("image", 8, "edge")(sample)["image"])
    expected = np.pad(moved[5:10, 10:16, 13:17], [(1, 2), (1, 1), (2, 2)], mode="edge")
    np.testing.assert_array_equal(padded.data[0], expected)


@pytest.fixture
def scan():
    """An image and its label, all realized, as a cache has them."""
    grid = Grid((30, 26, 14), OBLIQUE)
    return {"image": Image(body(), grid), "label": Image((body() > 50).to(torch.uint8), grid)}


def test_affine_and_elastic_steps_before_a_crop_touch_the_crop_alone(resampled, scan):
    keys, modes = ["image", "label"], ["bilinear", "nearest"]
    chain = [
        RandAffine(keys, 1, rotate_range=0.2, mode=modes),
        RandElastic(keys, (3, 4), (2, 3), prob=1, rotate_range=0.1, mode=modes),
        RandFlip(keys, 1),
        RandSpatialCrop(keys, (8, 7, 5)),
    ]
    result = Compose(chain)(scan, np.random.default_rng(0))
    assert resampled == []
    whole = realized(result)
    assert [shape for _, shape in resampled] == [(8, 7, 5)] * 2
    assert whole["image"].grid.same_as(whole["label"].grid)


def test_crops_around_labels_resample_the_label_whole_and_of_the_image_only_the_crops(resampled, scan):
    keys = ["image", "label"]
    chain = [
        RandAffine(keys, 1, rotate_range=0.2, mode=["bilinear", "nearest"]),
        RandCropByPosNegLabel(keys, "label", (6, 5, 4), pos=1, neg=0, num_samples=3),
    ]
    results = Compose(chain)(scan, np.random.default_rng(0))
    assert [(data.dtype, shape) for data, shape in resampled] == [(torch.uint8, (30, 26, 14))]
    for one in results:
        assert one["label"].data.any()
        assert realize(one["image"]).grid.same_as(one["label"].grid)
    assert [(data.dtype, shape) for data, shape in resampled[1:]] == [(torch.float32, (6, 5, 4))] * 3


def test_reaching_out_leaves_room_and_leaving_out_does_not():
    grid = Grid((6, 7, 8), np.eye(4))
    assert not reaches_out(grid, grid.cropped((-2, 0, 0), (6, 7, 8)))
    assert reaches_out(grid, grid.cropped((-3, 0, 0), (6, 7, 8)))
    assert leaves_out(grid, grid.cropped((-1, 0, 0), (6, 7, 8)))
    assert leaves_out(grid, grid.cropped((0, 0, 1), (6, 7, 8)))
    assert not leaves_out(grid, grid.cropped((1, 1, 1), (5, 6, 7)))
    finer, coarser = grid.spaced(0.5), grid.spaced(1.4)
    assert not leaves_out(finer, grid)
    assert not leaves_out(coarser, grid)
    assert leaves_out(grid, grid.moved((6, 7, 8), turned(0.3)))
