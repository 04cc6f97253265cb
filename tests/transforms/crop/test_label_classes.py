from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from scipy import stats

from bundlert.errors import DataError
from bundlert.transforms.crop.label_classes import RandCropByLabelClasses


@pytest.fixture
def sample(make_image):
    """Class 1 in 8 voxels, class 2 in one, class 3 nowhere; the body is all but the first plane."""
    label, body = torch.zeros(12, 13, 14, dtype=torch.uint8), torch.ones(12, 13, 14)
    label[2:4, 3:5, 6:8] = 1
    label[9, 9, 9] = 2
    body[0] = 0
    return {"image": make_image(voxels=body), "label": make_image(voxels=label, file="organs.nii")}


def crop(size=1, **arguments):
    return RandCropByLabelClasses(["image", "label"], "label", size, **arguments)


def classes_of(samples, count=4):
    return np.bincount([int(one["label"].data) for one in samples], minlength=count)


@pytest.mark.parametrize("ratios", [[1, 2, 3], [0, 1, 1], [5, 1, 0.5]])
def test_classes_are_as_frequent_as_asked(sample, ratios):
    found = classes_of(crop(ratios=ratios, num_samples=900)(sample, np.random.default_rng(0)), 3)
    asked = np.array(ratios) / sum(ratios)
    assert (found[asked == 0] == 0).all()
    assert stats.chisquare(found[asked > 0], 900 * asked[asked > 0]).pvalue > 0.01


def test_a_class_without_voxels_counts_as_one_of_ratio_0(sample):
    found = classes_of(crop(num_classes=4, num_samples=900)(sample, np.random.default_rng(0)))
    assert found[3] == 0
    assert stats.chisquare(found[:3]).pvalue > 0.01


def test_each_voxel_of_a_class_is_as_likely_as_any_other(sample):
    samples = crop(ratios=[0, 1, 0], num_samples=800)(sample, np.random.default_rng(0))
    places, counts = np.unique([one["label"].affine[:3, 3] for one in samples], axis=0, return_counts=True)
    np.testing.assert_array_equal(places, np.argwhere(sample["label"].data[0].numpy() == 1))
    assert stats.chisquare(counts).pvalue > 0.01


def test_masks_of_classes_say_the_same_as_a_label_map(sample):
    masks = torch.stack([sample["label"].data[0] == index for index in range(3)])
    several = {**sample, "label": sample["label"].with_data(masks)}
    samples = crop(num_samples=300)(several, np.random.default_rng(0))
    found = np.array([one["label"].data.flatten().tolist() for one in samples]).sum(axis=0)
    assert stats.chisquare(found).pvalue > 0.01


def test_centres_lie_in_the_body(sample):
    samples = crop(ratios=[1, 1, 1], num_samples=200, image_key="image")(sample, np.random.default_rng(0))
    assert all(one["image"].data == 1 for one in samples)
    assert (classes_of(samples) > 40).tolist() == [True, True, True, False]


def test_crops_lie_inside_with_the_voxel_in_them(sample):
    params = crop((5, 6, 20), ratios=[0, 0, 1]).draw(sample, np.random.default_rng(0))
    assert params == {"starts": [[7, 6, -3]], "size": [5, 6, 20]}
    params = json.loads(json.dumps(params))
    (one,) = crop((5, 6, 20), ratios=[0, 0, 1]).apply(sample, params)
    assert one["label"].shape == one["image"].shape == (5, 6, 20)
    assert one["image"].target.same_as(one["label"].target)


def test_nothing_to_crop_around_is_an_error_that_names_the_file(sample):
    with pytest.raises(DataError) as caught:
        crop(ratios=[0, 0, 0, 1])(sample, np.random.default_rng(0))
    assert str(caught.value) == (
        "label 'organs.nii' has no voxel to crop around\n"
        "  got: none of 4 classes\n"
        "  expected: a voxel of a class whose ratio is above 0"
    )
    air = {**sample, "image": sample["image"].with_data(torch.zeros_like(sample["image"].data))}
    with pytest.raises(DataError, match="got: none of 3 classes in the body"):
        crop(num_classes=3, image_key="image")(air, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ratios": [1, -1]}, r"ratios must be >= 0 and not all 0, got \[1, -1\]"),
        ({"ratios": [0, 0]}, r"ratios must be >= 0 and not all 0, got \[0, 0\]"),
        ({"ratios": []}, r"ratios must be >= 0 and not all 0, got \[\]"),
        ({"ratios": [1, 1], "num_classes": 3}, r"ratios must have a value for each of 3 classes, got \[1, 1\]"),
        ({"num_classes": 2, "num_samples": 0}, "num_samples must be >= 1, got 0"),
        ({}, "num_classes or ratios must be given for a label map, got neither for 'organs.nii'"),
    ],
)
def test_wrong_arguments_are_refused(sample, arguments, message):
    with pytest.raises(ValueError, match=message):
        crop(**arguments)(sample, np.random.default_rng(0))


def test_ratios_for_other_masks_are_refused(sample):
    masks = {**sample, "label": sample["label"].with_data(sample["label"].data.expand(4, -1, -1, -1))}
    with pytest.raises(
        ValueError, match=r"ratios must have a value for each of 4 classes of 'organs.nii', got \[1.0, 1.0\]"
    ):
        crop(ratios=[1, 1])(masks, np.random.default_rng(0))
