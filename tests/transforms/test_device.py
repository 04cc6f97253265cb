import numpy as np
import torch

from bundlert.data.memory_cache import MemoryCache
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.device import ToDevice
from bundlert.transforms.lazy import wish


def make_image():
    return Image(torch.arange(64.0).reshape(1, 4, 4, 4), Grid((4, 4, 4), np.eye(4)))


def test_voxels_move_and_their_place_stays():
    image = make_image()
    moved = ToDevice("image", "meta")({"image": image})["image"]
    assert moved.data.device.type == "meta"
    assert moved.grid is image.grid
    assert image.data.device.type == "cpu"


def test_only_what_was_cropped_is_moved():
    image = make_image()
    moved = ToDevice("image", "cpu")({"image": wish(image, image.grid.cropped((1, 1, 1), (2, 2, 2)))})["image"]
    assert moved.wanted is None
    assert torch.equal(moved.data, image.data[:, 1:3, 1:3, 1:3])


def test_a_cache_behind_it_keeps_what_was_moved():
    moves = []

    class Counted(ToDevice):
        def apply(self, image):
            moves.append(image)
            return super().apply(image)

    crop = RandCropByPosNegLabel("image", "image", (2, 2, 2), num_samples=2)
    dataset = MemoryCache([{"image": make_image()}], Compose([Counted("image", "cpu"), crop]))
    for epoch in range(3):
        assert len(dataset.sample(0, np.random.default_rng(epoch))) == 2
    assert len(moves) == 1
