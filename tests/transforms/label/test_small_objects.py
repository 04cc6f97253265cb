from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.label.small_objects import RemoveSmallObjects


def plain(labels, least, connectivity):
    result = labels.copy()
    for label in set(labels.ravel().tolist()) - {0}:
        structure = ndimage.generate_binary_structure(labels.ndim, connectivity or labels.ndim)
        regions, count = ndimage.label(labels == label, structure)
        for number in range(1, count + 1):
            if (regions == number).sum() < least:
                result[regions == number] = 0
    return result


@pytest.mark.parametrize("shape", [(30, 33), (13, 12, 11)])
@pytest.mark.parametrize("connectivity", [1, None])
@pytest.mark.parametrize("least", [0, 2, 9, 40])
def test_regions_below_a_size_go(relabelled, blobs, shape, connectivity, least):
    labels = blobs(shape)
    result = relabelled(RemoveSmallObjects("label", least, connectivity), labels)
    np.testing.assert_array_equal(result[0], plain(labels[0], least, connectivity))


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_channels_are_apart_or_together(relabelled, dtype):
    onehot = np.array([[1, 1, 0, 0, 0, 1], [0, 0, 1, 0, 1, 0]], dtype)
    apart = relabelled(RemoveSmallObjects("label", 2), onehot)
    assert apart.tolist() == [[1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    together = relabelled(RemoveSmallObjects("label", 3, independent_channels=False), onehot)
    assert together.tolist() == [[1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]


def test_labels_that_touch_are_apart_or_together(relabelled):
    labels = [[1, 1, 2, 0, 2]]
    assert relabelled(RemoveSmallObjects("label", 2), labels).tolist() == [[1, 1, 0, 0, 0]]
    together = RemoveSmallObjects("label", 3, independent_channels=False)
    assert relabelled(together, labels).tolist() == [[1, 1, 2, 0, 0]]


def test_a_size_can_be_in_cubic_millimetres(relabelled):
    labels = np.zeros((1, 5, 4, 3), np.uint8)
    labels[0, 0, 0, :2], labels[0, 3, :3, 0] = 1, 1
    kept = RemoveSmallObjects("label", 12, by_measure=True)
    assert relabelled(kept, labels, spacing=(1, 2, 3)).sum() == 5  # 2 voxels of 6 mm^3
    assert relabelled(kept, labels, spacing=(1, 2, 2.9)).sum() == 3
    assert relabelled(kept, labels, spacing=(1, 1, 3)).sum() == 0


def test_the_size_of_a_voxel_is_that_of_the_grid_however_it_lies():
    sheared = np.array([[2, 1, 0], [0, 3, 0], [0, 0, 1.0]])
    image = Image(torch.tensor([[[1, 1, 0, 0, 1]]]), Grid((1, 5), sheared))
    assert RemoveSmallObjects("label", 12, by_measure=True)({"label": image})["label"].data.sum() == 2


def test_the_size_of_a_voxel_can_be_given(relabelled):
    labels = np.array([[[1, 1, 0, 1]]])
    assert relabelled(RemoveSmallObjects("label", 8, by_measure=True, pixdim=2), labels).sum() == 2
    assert relabelled(RemoveSmallObjects("label", 8, by_measure=True, pixdim=[2, 4]), labels).sum() == 3


def test_empty_labels_stay_empty(relabelled):
    for independent in (True, False):
        transform = RemoveSmallObjects("label", independent_channels=independent)
        assert not relabelled(transform, np.zeros((2, 4, 5), np.uint8)).any()


def test_arguments_are_checked(picture):
    with pytest.raises(ValueError, match="min_size must be >= 0, got -1"):
        RemoveSmallObjects("label", -1)
    with pytest.raises(ValueError, match=r"pixdim must be one number or one for each of 2 axes, got \[1\]"):
        RemoveSmallObjects("label", by_measure=True, pixdim=[1])({"label": picture(np.ones((1, 3, 3)))})
