from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from scipy import stats

from bundlert.errors import DataError
from bundlert.transforms import lazy
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.rotate import Rotate


@pytest.fixture
def sample(make_image):
    """An organ of 2 x 2 x 2 voxels in a body of 14 x 14 x 14 in an image of 20 x 20 x 20."""
    body, organ = torch.zeros(20, 20, 20), torch.zeros(20, 20, 20, dtype=torch.uint8)
    body[3:17, 3:17, 3:17] = torch.arange(1, 14**3 + 1).reshape(14, 14, 14) / 14**3
    organ[8:10, 9:11, 10:12] = 1
    return {"image": make_image(voxels=body, file="ct.nii"), "label": make_image(voxels=organ, file="organ.nii")}


def crop(size=(1, 1, 1), **arguments):
    return RandCropByPosNegLabel(["image", "label"], "label", size, **arguments)


def middles(samples) -> np.ndarray:
    """The voxel on which each crop of one voxel lies."""
    return np.array([one["label"].affine[:3, 3] for one in samples]).astype(int)


@pytest.mark.parametrize(("pos", "neg"), [(1, 1), (3, 1), (1, 0), (0, 1)])
def test_foreground_is_as_frequent_as_asked(sample, pos, neg):
    count = 600
    samples = crop(pos=pos, neg=neg, num_samples=count)(sample, np.random.default_rng(0))
    hits = int(sum(one["label"].data.sum() for one in samples))
    share = pos / (pos + neg)
    if share in (0, 1):
        assert hits == count * share
    else:
        assert stats.chisquare([hits, count - hits], [count * share, count * (1 - share)]).pvalue > 0.01


def test_each_foreground_voxel_is_as_likely_as_any_other(sample):
    found = middles(crop(pos=1, neg=0, num_samples=800)(sample, np.random.default_rng(1)))
    _, counts = np.unique(found, axis=0, return_counts=True)
    assert len(counts) == 8
    assert stats.chisquare(counts).pvalue > 0.01


def test_background_lies_in_the_body_and_is_spread_evenly(sample):
    samples = crop(pos=0, neg=1, num_samples=700, image_key="image")(sample, np.random.default_rng(2))
    assert all(one["image"].data > 0 and one["label"].data == 0 for one in samples)
    assert stats.chisquare(np.bincount(middles(samples)[:, 0], minlength=20)[3:17]).pvalue > 0.01


def test_background_is_anywhere_without_an_image_key(sample):
    samples = crop(pos=0, neg=1, num_samples=100)(sample, np.random.default_rng(2))
    assert any(one["image"].data == 0 for one in samples)


def test_crops_lie_inside_and_are_views(sample):
    samples = crop((8, 6, 20), num_samples=50, image_key="image")(sample, np.random.default_rng(3))
    for one in samples:
        start = one["image"].affine[:3, 3].astype(int)
        assert ((start >= 0) & (np.add(start, (8, 6, 20)) <= 20)).all()
        x, y, z = start
        assert torch.equal(one["image"].data, sample["image"].data[:, x : x + 8, y : y + 6, z : z + 20])
        assert one["image"].data.untyped_storage().data_ptr() == sample["image"].data.untyped_storage().data_ptr()
        assert one["label"].grid.same_as(one["image"].grid)


def test_the_chosen_voxel_is_in_the_middle_where_there_is_room(sample):
    sample["label"] = sample["label"].with_data(torch.zeros_like(sample["label"].data))
    sample["label"].data[0, 9, 4, 1] = 1
    params = crop((5, 6, 4), pos=1, neg=0).draw(sample, np.random.default_rng(0))
    assert params == {"starts": [[7, 1, 0]], "size": [5, 6, 4]}  # 9 - 5 // 2, 4 - 6 // 2, and 1 - 4 // 2 moved inside
    assert json.loads(json.dumps(params)) == params


def test_what_was_drawn_can_be_applied_again(sample):
    transform = crop((4, 4, 4), num_samples=3)
    params = transform.draw(sample, np.random.default_rng(7))
    drawn = transform(sample, np.random.default_rng(7))
    again = transform.apply(sample, json.loads(json.dumps(params)))
    assert all(torch.equal(a["image"].data, b["image"].data) for a, b in zip(drawn, again, strict=True))


def test_an_image_smaller_than_the_crop_is_padded_with_zeros(make_image):
    label = make_image(voxels=torch.ones(3, 4, 9, dtype=torch.uint8))
    (one,) = RandCropByPosNegLabel("label", "label", (6, 4, 5))({"label": label}, np.random.default_rng(0))
    data = realize(one["label"]).data
    assert data.shape == (1, 6, 4, 5)
    assert data.sum() == 3 * 4 * 5
    assert (data[0, 1:4] == 1).all()


def test_an_empty_set_gives_way_to_the_other(sample):
    nothing = {**sample, "label": sample["label"].with_data(torch.zeros_like(sample["label"].data))}
    assert len(crop(pos=1, neg=0, num_samples=2)(nothing, np.random.default_rng(0))) == 2
    everything = {**sample, "label": sample["label"].with_data(torch.ones_like(sample["label"].data))}
    assert len(crop(pos=0, neg=1, num_samples=2)(everything, np.random.default_rng(0))) == 2


def test_a_rare_background_is_found_all_the_same(sample):
    label = torch.ones_like(sample["label"].data)
    label[0, 4, 5, 6] = 0
    samples = crop(pos=0, neg=1)({**sample, "label": sample["label"].with_data(label)}, np.random.default_rng(0))
    assert middles(samples).tolist() == [[4, 5, 6]]


def test_nothing_to_crop_around_is_an_error_that_names_the_file(sample):
    zeros = torch.zeros_like(sample["label"].data)
    nothing = {"image": sample["image"].with_data(zeros.float()), "label": sample["label"].with_data(zeros)}
    with pytest.raises(
        DataError, match=r"label 'organ.nii' has no voxel to crop around\n.*\n  expected: 'image' above 0"
    ):
        crop(image_key="image")(nothing, np.random.default_rng(0))


def test_a_crop_has_as_many_axes_as_the_image(sample):
    with pytest.raises(ValueError, match=r"spatial_size must have one value an axis of 'organ.nii', got \(4, 4\)"):
        crop((4, 4))(sample, np.random.default_rng(0))


def test_only_label_and_body_are_resampled_whole(sample, monkeypatch):
    shapes = []
    original = lazy.resample_affine

    def counted(data, matrix, shape, *arguments):
        shapes.append(tuple(shape))
        return original(data, matrix, shape, *arguments)

    monkeypatch.setattr(lazy, "resample_affine", counted)
    sample["body"] = sample["image"]
    keys = ["image", "label", "body"]
    turned = Rotate(keys, (0.2, 0, 0), mode=["bilinear", "nearest", "bilinear"])(sample)
    step = RandCropByPosNegLabel(keys, "label", (8, 6, 7), num_samples=2, image_key="body")
    results = step(turned, np.random.default_rng(0))
    assert shapes == [(20, 20, 20)] * 2
    whole = realize(turned["image"]).data
    del shapes[:]
    for one in results:
        x, y, z = np.rint(np.linalg.solve(turned["image"].affine, one["image"].affine)[:3, 3]).astype(int)
        expected = whole[:, x : x + 8, y : y + 6, z : z + 7]
        torch.testing.assert_close(realize(one["image"]).data, expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(realize(one["body"]).data, expected, atol=1e-5, rtol=1e-5)
        assert one["label"].wanted is None
        assert one["label"].target.same_as(one["image"].target)
    assert shapes == [(8, 6, 7)] * 2


def test_the_chance_of_a_draw_does_not_depend_on_draws_before(sample):
    step = crop(pos=1, neg=1, num_samples=3)
    first = [step.draw(sample, np.random.default_rng(seed)) for seed in range(5)]
    assert [step.draw(sample, np.random.default_rng(seed)) for seed in range(5)] == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pos": 0, "neg": 0}, "pos and neg must be >= 0 and not both 0, got 0 and 0"),
        ({"pos": -1}, "pos and neg must be >= 0"),
        ({"num_samples": 0}, "num_samples must be >= 1, got 0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        crop(**arguments)
