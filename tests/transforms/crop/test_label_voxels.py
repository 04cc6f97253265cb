from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from bundlert.transforms.crop import label_voxels
from bundlert.transforms.crop.label_voxels import background_voxel, class_voxel, foreground_voxel


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


@pytest.mark.parametrize("index", [0, 1, 2])
def test_voxels_of_a_class_are_all_drawn_and_equally_often(label, index):
    found = drawn(4000, lambda rng: class_voxel(label, index, None, 0.0, rng))
    voxels, counts = np.unique(found, axis=0, return_counts=True)
    np.testing.assert_array_equal(voxels, np.argwhere(label.data[0].numpy() == index))
    assert stats.chisquare(counts).pvalue > 0.01


def test_a_rare_class_is_drawn_as_evenly_whether_tried_or_listed(make_image):
    """1 voxel of 300 is hit by 64 tries one time in five: both ways take their turn."""
    voxels = torch.zeros(10, 10, 12, dtype=torch.uint8)
    voxels[2:4, 3, 5:7] = 1
    rare = make_image(voxels=voxels)
    found = drawn(2000, lambda rng: class_voxel(rare, 1, None, 0.0, rng))
    assert stats.chisquare(np.unique(found, axis=0, return_counts=True)[1]).pvalue > 0.01


def test_a_class_may_be_a_mask_of_its_own(label):
    masks = torch.stack([label.data[0] == index for index in range(3)]).to(torch.uint8)
    found = drawn(300, lambda rng: class_voxel(label.with_data(masks), 2, None, 0.0, rng))
    np.testing.assert_array_equal(np.unique(found, axis=0), np.argwhere(label.data[0].numpy() == 2))


@pytest.mark.parametrize("index", [0, 2])
def test_an_image_tells_where_a_class_may_be(label, make_image, index):
    image = make_image((5, 6, 7))
    found = drawn(3000, lambda rng: class_voxel(label, index, image, -0.3, rng))
    allowed = (label.data[0].numpy() == index) & (image.data[0].numpy() > -0.3)
    voxels, counts = np.unique(found, axis=0, return_counts=True)
    np.testing.assert_array_equal(voxels, np.argwhere(allowed))
    assert stats.chisquare(counts).pvalue > 0.01


def test_a_class_that_isnt_there_has_no_voxel(label):
    rng = np.random.default_rng(0)
    assert class_voxel(label, 7, None, 0.0, rng) is None
    assert class_voxel(label, 1, label.with_data(torch.zeros_like(label.data)), 0.0, rng) is None


def test_what_is_small_is_listed_once_per_image_and_forgotten_with_it(make_image, monkeypatch):
    listed = []
    original = label_voxels._listed
    monkeypatch.setattr(label_voxels, "_listed", lambda mask: listed.append(1) or original(mask))
    kept = len(label_voxels._lists)
    voxels = torch.zeros(20, 20, 20, dtype=torch.uint8)
    voxels[3, 4, 5] = 1
    rare, rng = make_image(voxels=voxels), np.random.default_rng(0)
    for _ in range(20):
        foreground_voxel(rare, rng)
        class_voxel(rare, 0, None, 0.0, rng)
        class_voxel(rare, 1, None, 0.0, rng)
    assert len(listed) == 2  # the foreground and class 1; class 0 is found by trying
    assert len(label_voxels._lists) == kept + 1
    del rare
    assert len(label_voxels._lists) == kept


def test_a_view_is_drawn_from_as_its_copy(make_image):
    voxels = torch.arange(1000).view(10, 10, 10).permute(2, 0, 1)[::2, :, 3:] % 3
    view, copied = make_image(voxels=voxels), make_image(voxels=voxels.clone())
    for seed in range(20):
        for index in (1, 2):
            draws = [class_voxel(one, index, one, 0.0, np.random.default_rng(seed)) for one in (view, copied)]
            assert draws[0] == draws[1]
            assert voxels[draws[0]] == index
        draws = [background_voxel(one, None, 0.0, np.random.default_rng(seed)) for one in (view, copied)]
        assert draws[0] == draws[1]
