from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from scipy import stats

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.crop import weighted
from bundlert.transforms.crop.weighted import RandWeightedCrop, _drawn


@pytest.fixture
def sample(make_image):
    weights = torch.from_numpy(np.random.default_rng(0).integers(0, 4, (4, 5, 3)).astype(np.float32))
    return {"image": make_image((4, 5, 3)), "weights": make_image(voxels=weights, file="weights.nii")}


def centres(samples):
    return np.array([one["image"].affine[:-1, -1] for one in samples]).astype(int)


def test_a_voxel_is_as_likely_as_its_weight(sample):
    samples = RandWeightedCrop("image", "weights", 1, 6000)(sample, np.random.default_rng(0))
    weights = sample["weights"].data[0].double().numpy()
    counts = np.zeros(weights.shape)
    np.add.at(counts, tuple(centres(samples).T), 1)
    assert (counts[weights == 0] == 0).all()
    inside = weights > 0
    assert stats.chisquare(counts[inside], 6000 * weights[inside] / weights.sum()).pvalue > 0.01


def test_only_centres_whose_crop_lies_inside_are_drawn(sample):
    """Crops of 2 x 3 x 3: centres 1-3, 1-3 and 1, and no other place is moved to."""
    samples = RandWeightedCrop("image", "weights", (2, 3, 3), 3000)(sample, np.random.default_rng(0))
    within = sample["weights"].data[0, 1:4, 1:4, 1].double().numpy()
    counts = np.zeros(within.shape)
    np.add.at(counts, tuple(centres(samples)[:, :2].T), 1)
    assert (counts[within == 0] == 0).all()
    assert stats.chisquare(counts[within > 0], 3000 * within[within > 0] / within.sum()).pvalue > 0.01


def test_without_any_weight_each_place_is_as_likely(sample):
    sample["weights"] = sample["weights"].with_data(torch.zeros(1, 4, 5, 3))
    samples = RandWeightedCrop("image", "weights", (3, 3, 3), 600)(sample, np.random.default_rng(0))
    assert stats.chisquare(np.unique(centres(samples), axis=0, return_counts=True)[1]).pvalue > 0.01
    assert len(np.unique(centres(samples), axis=0)) == 2 * 3 * 1


def test_an_image_smaller_than_the_crop_is_padded(sample):
    (one,) = RandWeightedCrop("image", "weights", (6, 2, 8))(sample, np.random.default_rng(0))
    assert one["image"].shape == (6, 2, 8)
    assert one["image"].affine[[0, 2], 3].tolist() == [-1, -2]


@pytest.mark.parametrize("shape", [(7,), (5, 7)])
def test_other_dimensions(shape):
    weights = torch.zeros(1, *shape)
    weights[..., 4] = 1
    image = Image(weights, Grid(shape, np.eye(len(shape) + 1)))
    for one in RandWeightedCrop("image", "image", 3, 20)({"image": image}, np.random.default_rng(0)):
        assert (one["image"].data[..., 1] == 1).all()
        assert one["image"].shape == (3,) * len(shape)


def test_what_was_drawn_can_be_applied_again(sample):
    step = RandWeightedCrop(["image", "weights"], "weights", 2, 3)
    params = step.draw(sample, np.random.default_rng(7))
    drawn, again = step(sample, np.random.default_rng(7)), step.apply(sample, json.loads(json.dumps(params)))
    assert all(torch.equal(a["image"].data, b["image"].data) for a, b in zip(drawn, again, strict=True))


def test_sums_are_made_once_per_image_and_forgotten_with_it(sample, monkeypatch):
    made = []
    original = weighted._summed
    monkeypatch.setattr(weighted, "_summed", lambda values: made.append(len(values)) or original(values))
    kept = len(weighted._rows)
    for seed in range(5):
        RandWeightedCrop("image", "weights", 1)(sample, np.random.default_rng(seed))
    assert made.count(4 * 5) == 1
    assert len(weighted._rows) == kept + 1
    del sample["weights"]
    assert len(weighted._rows) == kept


def test_rounding_never_leads_to_a_place_without_weight():
    class Most:
        def random(self):
            return 1.0

    assert _drawn(np.array([0.0, 0.5, 1.0, 1.0]), Most()) == 2


@pytest.mark.parametrize(
    ("value", "range_told"), [(-1.0, "values from -1 to 3"), (float("nan"), "values from nan to nan")]
)
def test_what_is_no_weight_is_refused(sample, value, range_told):
    sample["weights"].data[0, 1, 1, 1] = value
    with pytest.raises(DataError) as caught:
        RandWeightedCrop("image", "weights", 1)(sample, np.random.default_rng(0))
    assert str(caught.value) == (
        f"weights 'weights.nii' can't be chances\n  got: {range_told}\n  expected: numbers >= 0"
    )


def test_images_of_different_shapes_are_refused(sample, make_image):
    with pytest.raises(DataError, match="'weights' and 'image' differ in shape"):
        RandWeightedCrop("image", "weights", 1)({**sample, "image": make_image((4, 5, 4))}, np.random.default_rng(0))
