from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.crop.foreground import CropForeground, foreground_box
from bundlert.transforms.lazy import realize


@pytest.fixture
def sample(make_image):
    voxels = torch.zeros(8, 9, 10)
    voxels[2:5, 3:4, 6:10] = 1
    voxels[2, 3, 6] = 5
    return {"image": make_image(voxels=voxels, file="ct.nii"), "label": make_image((8, 9, 10))}


def test_all_keys_are_cropped_to_the_box_of_the_source(sample):
    result = CropForeground(["image", "label"], "image")(sample)
    assert result["image"].shape == result["label"].shape == (3, 1, 4)
    assert torch.equal(realize(result["label"]).data, sample["label"].data[:, 2:5, 3:4, 6:10])
    assert result["label"].affine[:3, 3].tolist() == [2, 3, 6]


def test_the_margin_ends_at_the_image(sample):
    result = CropForeground("image", "image", margin=3)(sample)["image"]
    assert torch.equal(realize(result).data, sample["image"].data[:, 0:8, 0:7, 3:10])


def test_foreground_is_above_the_threshold_not_at_it(sample):
    assert CropForeground("image", "image", threshold=1)(sample)["image"].shape == (1, 1, 1)


def test_any_channel_counts():
    data = torch.zeros(2, 4, 4)
    data[0, 1, 1] = data[1, 2, 3] = 1
    assert foreground_box(data, 0) == [(1, 2), (1, 3)]


@pytest.mark.parametrize("shape", [(1, 9), (2, 6, 5), (1, 4, 6, 5), (3, 4, 1, 5)])
@pytest.mark.parametrize("seed", range(5))
def test_the_box_is_that_of_all_indices_above_whatever_else_there_is(shape, seed):
    rng = np.random.default_rng(seed)
    values = rng.choice([-1.0, 0.0, np.nan, 1.0], size=shape, p=[0.6, 0.2, 0.15, 0.05])
    places = np.argwhere(values > 0)[:, 1:]
    expected = list(zip(places.min(axis=0), places.max(axis=0), strict=True)) if len(places) else None
    order = (0, *rng.permutation(range(1, len(shape))).tolist())
    turned = torch.from_numpy(values.transpose(order).copy()).permute(*np.argsort(order).tolist())
    assert foreground_box(turned, 0) == expected


def test_an_empty_image_is_named(sample):
    message = "image 'ct.nii' has no foreground\n  got: values up to 5\n  expected: some above 5\n"
    with pytest.raises(DataError, match=message):
        CropForeground("label", "image", threshold=5)(sample)


def test_an_empty_image_stays_whole_where_that_is_allowed(sample):
    result = CropForeground(["image", "label"], "image", threshold=5, allow_empty=True)(sample)
    assert result["label"].shape == (8, 9, 10)


def test_images_of_different_shapes_are_refused(sample, make_image):
    with pytest.raises(DataError, match="'image' and 'label' differ in shape"):
        CropForeground("label", "image")({**sample, "label": make_image((8, 9, 11))})


def test_a_negative_margin_is_refused():
    with pytest.raises(ValueError, match="margin must be >= 0 voxels, got -1"):
        CropForeground("image", "image", margin=-1)
