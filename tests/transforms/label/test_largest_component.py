from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from bundlert.transforms.label.largest_component import KeepLargestConnectedComponent


def largest(mask, connectivity, count):
    """All but the largest regions of a mask gone, on the whole volume."""
    regions, found = ndimage.label(mask, ndimage.generate_binary_structure(mask.ndim, connectivity or mask.ndim))
    sizes = [(regions == number).sum() for number in range(1, found + 1)]
    kept = sorted(range(found), key=lambda number: -sizes[number])[:count]
    return np.isin(regions, [number + 1 for number in kept])


@pytest.mark.parametrize("shape", [(20, 23), (11, 12, 10)])
@pytest.mark.parametrize("connectivity", [1, None])
@pytest.mark.parametrize("count", [1, 3])
def test_only_the_largest_regions_of_each_label_stay(relabelled, blobs, shape, connectivity, count):
    labels = blobs(shape, dtype=np.int16 if connectivity else np.float32)
    kept = [largest(labels[0] == label, connectivity, count) for label in (1, 2)]
    result = relabelled(KeepLargestConnectedComponent("label", connectivity=connectivity, num_components=count), labels)
    np.testing.assert_array_equal(result[0], kept[0] * 1 + kept[1] * 2)


def test_only_labels_asked_for_are_looked_at(relabelled, blobs):
    labels = blobs((20, 23), classes=4)
    result = relabelled(KeepLargestConnectedComponent("label", [2, 9]), labels)
    np.testing.assert_array_equal(result[0], np.where(labels[0] == 2, 2 * largest(labels[0] == 2, 2, 1), labels[0]))
    one = relabelled(KeepLargestConnectedComponent("label", 2), labels)
    np.testing.assert_array_equal(one, result)


def test_labels_can_be_one_region_together(relabelled, blobs):
    labels = blobs((20, 23), classes=4)
    result = relabelled(KeepLargestConnectedComponent("label", [1, 2], independent=False), labels)
    kept = largest(np.isin(labels[0], [1, 2]), 2, 1)
    np.testing.assert_array_equal(result[0], np.where(kept | (labels[0] == 3), labels[0], 0))


@pytest.mark.parametrize("independent", [False, True])
def test_one_hot_is_as_labels_are_but_for_the_background(relabelled, blobs, independent):
    labels = blobs((20, 23))
    onehot = np.stack([labels[0] == label for label in range(3)]).astype(np.uint8)
    transform = KeepLargestConnectedComponent("label", independent=independent)
    plain, result = relabelled(transform, labels)[0], relabelled(transform, onehot)
    np.testing.assert_array_equal(result[0], onehot[0])
    np.testing.assert_array_equal(result[1:], [plain == 1, plain == 2])


def test_a_single_channel_can_be_one_hot(relabelled):
    mask = np.array([[1, 0, 2, 3]])
    assert relabelled(KeepLargestConnectedComponent("label", is_onehot=True), mask).tolist() == [[0, 0, 2, 3]]
    assert relabelled(KeepLargestConnectedComponent("label", 0, is_onehot=True), mask).tolist() == [[0, 0, 2, 3]]


def test_of_equals_the_first_stays(relabelled):
    assert relabelled(KeepLargestConnectedComponent("label"), [[1, 1, 0, 1, 1, 0, 1]]).tolist() == [
        [1, 1, 0, 0, 0, 0, 0]
    ]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("independent", [False, True])
def test_empty_labels_stay_empty(relabelled, channels, independent):
    empty = np.zeros((channels, 4, 5), np.uint8)
    assert not relabelled(KeepLargestConnectedComponent("label", independent=independent), empty).any()


def test_arguments_are_checked(picture):
    with pytest.raises(ValueError, match="num_components must be >= 1, got 0"):
        KeepLargestConnectedComponent("label", num_components=0)
    image = {"label": picture(np.ones((2, 3, 3), np.uint8))}
    with pytest.raises(ValueError, match=r"applied_labels must be channels in 0..1, got \[1, 2\]"):
        KeepLargestConnectedComponent("label", [1, 2])(image)
    with pytest.raises(ValueError, match=r"connectivity must lie in 1..2 for 2 axes, got 3"):
        KeepLargestConnectedComponent("label", connectivity=3)(image)
