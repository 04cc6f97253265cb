from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from scipy import stats

from bundlert.errors import DataError
from bundlert.transforms.crop.random_spatial import RandScaleCrop, RandSpatialCrop, RandSpatialCropSamples
from bundlert.transforms.lazy import realize, wish


@pytest.fixture
def sample(make_image):
    return {"image": make_image((6, 7, 8)), "label": make_image((6, 7, 8))}


def drawn(step, sample, count=600):
    rng = np.random.default_rng(0)
    return [step.draw(sample, rng) for _ in range(count)]


def test_crops_are_views_of_one_box(sample):
    step, rng = RandSpatialCrop(["image", "label"], (3, 4, -1)), np.random.default_rng(0)
    for _ in range(20):
        params = step.draw(sample, rng)
        result = step.apply(sample, json.loads(json.dumps(params)))
        assert params["size"] == [3, 4, 8]
        x, y, z = params["start"]
        for key, image in sample.items():
            assert torch.equal(result[key].data, image.data[:, x : x + 3, y : y + 4, z : z + 8])
            assert result[key].data.untyped_storage().data_ptr() == image.data.untyped_storage().data_ptr()
            assert result[key].grid.affine[:3, 3].tolist() == [x, y, z]


def test_each_place_is_as_likely_as_any_other(sample):
    starts = np.array([params["start"] for params in drawn(RandSpatialCrop("image", (4, 7, 3)), sample, 1800)])
    _, counts = np.unique(starts, axis=0, return_counts=True)
    assert len(counts) == 3 * 1 * 6
    assert stats.chisquare(counts).pvalue > 0.01


def test_each_size_is_as_likely_as_any_other(sample):
    step = RandSpatialCrop("image", (2, 7, 8), (4, -1, 100), random_size=True)
    sizes = np.array([params["size"] for params in drawn(step, sample)])
    _, counts = np.unique(sizes, axis=0, return_counts=True)
    assert set(sizes[:, 0]) == {2, 3, 4}
    assert (sizes[:, 1:] == [7, 8]).all()
    assert stats.chisquare(counts).pvalue > 0.01
    for params in drawn(RandSpatialCrop("image", 1, random_size=True), sample):
        assert all(
            a >= 0 and a + n <= room for a, n, room in zip(params["start"], params["size"], (6, 7, 8), strict=True)
        )


def test_in_the_middle_only_the_size_is_drawn(sample):
    step = RandSpatialCrop("image", 3, 5, random_center=False, random_size=True)
    for params in drawn(step, sample, 50):
        assert params["start"] == [room // 2 - n // 2 for room, n in zip((6, 7, 8), params["size"], strict=True)]


def test_several_crops_are_drawn_one_by_one(sample):
    step = RandSpatialCropSamples(["image", "label"], 3, 4, random_size=True, max_roi_size=5)
    params = step.draw(sample, np.random.default_rng(0))
    results = step.apply(sample, json.loads(json.dumps(params)))
    assert len(results) == 4
    assert len({tuple(one["start"]) for one in params["crops"]}) > 1
    for box, result in zip(params["crops"], results, strict=True):
        one = RandSpatialCrop(["image", "label"], 3).apply(sample, box)
        assert torch.equal(result["image"].data, one["image"].data)
        assert result["label"].grid.same_as(result["image"].grid)


def test_a_share_of_each_axis(sample):
    assert drawn(RandScaleCrop("image", 0.5), sample, 1)[0]["size"] == [3, 4, 4]
    sizes = {
        tuple(params["size"]) for params in drawn(RandScaleCrop("image", 0.5, (1, 0.5, 0.5), random_size=True), sample)
    }
    assert sizes == {(n, 4, 4) for n in (3, 4, 5, 6)}
    assert max(params["size"][0] for params in drawn(RandScaleCrop("image", 0.1, random_size=True), sample)) == 6


def test_of_a_pending_image_only_the_crop_is_asked_for(sample):
    image = sample["image"]
    pending = {"image": wish(image, image.grid.flipped([0]))}
    result = RandSpatialCrop("image", 3).apply(pending, {"start": [1, 2, 3], "size": [3, 3, 3]})["image"]
    assert result.data is image.data
    assert torch.equal(realize(result).data, image.data.flip(1)[:, 1:4, 2:5, 3:6])


def test_images_of_different_shapes_are_refused(sample, make_image):
    with pytest.raises(DataError, match="'image' and 'label' differ in shape"):
        RandSpatialCrop(["image", "label"], 3)({**sample, "label": make_image((6, 7, 9))}, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("step", "arguments", "message"),
    [
        (RandSpatialCropSamples, {"roi_size": 3, "num_samples": 0}, "num_samples must be >= 1, got 0"),
        (RandScaleCrop, {"roi_scale": 0.0}, "roi_scale must be > 0, got 0.0"),
        (RandScaleCrop, {"roi_scale": 1, "max_roi_scale": [1, -1, 1]}, r"max_roi_scale must be > 0, got \[1, -1, 1\]"),
        (RandSpatialCrop, {"roi_size": (3, 3)}, r"roi_size must be one value or 3, got \(3, 3\)"),
        (
            RandSpatialCrop,
            {"roi_size": 5, "max_roi_size": 3, "random_size": True},
            r"the largest crop must not be smaller than the least, got \(3, 3, 3\) and \(5, 5, 5\)",
        ),
    ],
)
def test_what_cant_be_is_refused(sample, step, arguments, message):
    with pytest.raises(ValueError, match=message):
        step("image", **arguments)(sample, np.random.default_rng(0))
