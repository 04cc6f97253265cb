from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from bundlert.transforms.crop.label_voxels import background_voxel, foreground_voxel


@pytest.fixture
def label(make_image):
    """Six labelled voxels of two values in an image of 5 x 6 x 7."""
    voxels = torch.zeros(5, 6, 7, dtype=torch.uint8)
    voxels[1, 2:4, 3] = 1
    voxels[4, 0:2, 5:7] = 2
    return make_image(voxels=voxels)


def drawn(count, draw):
    rng = np.random.default_rng(0)
    return [draw(rng) for _ in range(count)]


def test_foreground_voxels_are_all_drawn_and_equally_often(label):
    found = drawn(1200, lambda rng: foreground_voxel(label, rng))
    voxels, counts = np.unique(found, axis=0, return_counts=True)
    np.testing.assert_array_equal(voxels, np.argwhere(label.data[0].numpy() > 0))
    assert stats.chisquare(counts).pvalue > 0.01


def test_background_voxels_are_all_drawn_and_equally_often(label):
    found = drawn(8000, lambda rng: background_voxel(label, None, 0.0, rng))
    voxels, counts = np.unique(found, axis=0, return_counts=True)
    np.testing.assert_array_equal(voxels, np.argwhere(label.data[0].numpy() == 0))
    assert stats.chisquare(counts).pvalue > 0.01


def test_an_image_tells_where_background_may_be(label, make_image):
    image = make_image((5, 6, 7))
    found = drawn(2000, lambda rng: background_voxel(label, image, 1.0, rng))
    allowed = (label.data[0].numpy() == 0) & (image.data[0].numpy() > 1.0)
    np.testing.assert_array_equal(np.unique(found, axis=0), np.argwhere(allowed))


def test_any_channel_makes_foreground(label):
    second = torch.zeros(2, 5, 6, 7)
    second[1, 0, 1, 2] = 1
    both = label.with_data(second)
    assert drawn(3, lambda rng: foreground_voxel(both, rng)) == [(0, 1, 2)] * 3
    assert (0, 1, 2) not in drawn(500, lambda rng: background_voxel(both, None, 0.0, rng))


def test_where_there_is_none_there_is_none(label):
    rng = np.random.default_rng(0)
    assert foreground_voxel(label.with_data(torch.zeros_like(label.data)), rng) is None
    assert background_voxel(label.with_data(torch.ones_like(label.data)), None, 0.0, rng) is None
    assert background_voxel(label, label.with_data(torch.zeros_like(label.data)), 0.0, rng) is None


def test_a_single_background_voxel_in_a_large_image_is_found(make_image):
    full = torch.ones(40, 40, 40, dtype=torch.uint8)
    full[17, 3, 39] = 0
    assert background_voxel(make_image(voxels=full), None, 0.0, np.random.default_rng(0)) == (17, 3, 39)
