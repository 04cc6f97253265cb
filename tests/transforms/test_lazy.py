from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.lazy import realize, realized, wish
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.pad import SpatialPad
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


def test_a_chain_of_moves_is_done_at_once_and_copies_voxels(make_image):
    image = make_image((6, 7, 8))
    for grid in (image.grid.flipped([1]), image.grid.flipped([1]).cropped((1, 0, 2), (4, 5, 6))):
        image = wish(image, grid)
    expected = make_image((6, 7, 8)).data.flip(2)[:, 1:5, 0:5, 2:8]
    assert torch.equal(realize(image).data, expected)
    assert realize(image).wanted is None


def test_wishes_that_differ_are_fulfilled_one_after_another(make_image):
    image = make_image((6, 7, 8))
    first = wish(image, image.grid.spaced(2.0), mode="bilinear", padding="border")
    both = wish(first, first.target.cropped((-1, 0, 0), (5, 4, 4)), padding="zeros")
    assert both.grid is first.target
    assert (realize(both).data[:, 0] == 0).all()
    assert torch.equal(realize(both).data[:, 1:4], realize(first).data[:, :3])


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
