from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.crop.about_voxels import CropsAboutVoxels
from bundlert.transforms.lazy import realize, wish


class AtTheGreatest(CropsAboutVoxels):
    """About the greatest value of the first image it reads."""

    def centre(self, images, rng):
        assert all(image.wanted is None for image in images)
        rng.random()
        return tuple(int(one) for one in np.unravel_index(int(images[0].data.argmax()), images[0].shape))


@pytest.fixture
def sample(make_image):
    voxels = torch.zeros(6, 7, 8)
    voxels[4, 3, 2] = 1
    return {"image": make_image((6, 7, 8)), "mark": make_image(voxels=voxels, file="mark.nii")}


def test_all_images_are_cut_about_the_voxel(sample):
    samples = AtTheGreatest(["image", "mark"], ("mark",), (3, 2, 3), 2)(sample, np.random.default_rng(0))
    assert len(samples) == 2
    for one in samples:
        assert one["mark"].data[0, 1, 1, 1] == 1
        assert torch.equal(one["image"].data, sample["image"].data[:, 3:6, 2:4, 1:4])


def test_an_axis_may_stay_whole_and_one_number_may_stand_for_all(sample):
    for size, shape in ((3, (3, 3, 3)), ((2, -1, None), (2, 7, 8)), (None, (6, 7, 8))):
        (one,) = AtTheGreatest("image", ("mark",), size, 1)(sample, np.random.default_rng(0))
        assert one["image"].shape == shape


def test_what_is_read_is_realized_and_the_rest_stays_pending(sample):
    pending = {key: wish(image, image.grid.flipped([0])) for key, image in sample.items()}
    (one,) = AtTheGreatest(["image", "mark"], ("mark", None), 3, 1)(pending, np.random.default_rng(0))
    assert one["mark"].wanted is None
    assert one["image"].data is sample["image"].data
    assert torch.equal(realize(one["image"]).data, sample["image"].data.flip(1)[:, 0:3, 2:5, 1:4])


def test_what_was_drawn_can_be_applied_to_pending_images(sample):
    pending = {key: wish(image, image.grid.flipped([0])) for key, image in sample.items()}
    step = AtTheGreatest(["image", "mark"], ("mark",), 3, 1)
    (drawn,) = step(pending, np.random.default_rng(0))
    (again,) = step.apply(pending, step.draw(pending, np.random.default_rng(0)))
    for key in sample:
        assert torch.equal(realize(drawn[key]).data, realize(again[key]).data)


def test_images_of_different_shapes_are_refused(sample, make_image):
    with pytest.raises(DataError, match="'mark' and 'image' differ in shape"):
        AtTheGreatest("image", ("mark",), 3, 1)({**sample, "image": make_image((6, 7, 9))}, np.random.default_rng(0))


def test_a_size_for_other_axes_is_refused(sample):
    with pytest.raises(ValueError, match=r"spatial_size must have one value an axis of 'mark.nii', got \(3, 3\)"):
        AtTheGreatest("image", ("mark",), (3, 3), 1)(sample, np.random.default_rng(0))


def test_no_sample_is_refused():
    with pytest.raises(ValueError, match="num_samples must be >= 1, got 0"):
        AtTheGreatest("image", ("mark",), 3, 0)
