from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.intensity.random_dropout import RandCoarseDropout

DATA = torch.arange(2 * 8 * 9 * 7, dtype=torch.int16).view(2, 8, 9, 7)
PARAMS = {"boxes": [[[0, 1, 2], [2, 3, 4]], [[6, 6, 5], [2, 3, 2]]], "seed": 3}
HOLES = np.zeros((8, 9, 7), bool)
HOLES[0:2, 1:4, 2:6] = HOLES[6:8, 6:9, 5:7] = True


def test_boxes_are_filled_with_a_value_in_all_channels(drawn):
    result = drawn(RandCoarseDropout("image", 2, 3, fill_value=-0.5), DATA, PARAMS)
    np.testing.assert_array_equal(result, np.where(HOLES, -0.5, DATA))


def test_or_all_around_them(drawn):
    result = drawn(RandCoarseDropout("image", 2, 3, dropout_holes=False, fill_value=-1), DATA, PARAMS)
    np.testing.assert_array_equal(result, np.where(HOLES, DATA, -1))


@pytest.mark.parametrize("dropout_holes", [False, True])
@pytest.mark.parametrize(("fill", "low", "high"), [(None, 0, 1007), ((5, 6), 5, 6)])
def test_noise_lies_between_its_ends(drawn, dropout_holes, fill, low, high):
    transform = RandCoarseDropout("image", 2, 3, dropout_holes, fill_value=fill)
    result = drawn(transform, DATA, PARAMS)
    filled = np.broadcast_to(dropout_holes == HOLES, result.shape)
    np.testing.assert_array_equal(result[~filled], DATA.numpy()[~filled])
    assert low <= result[filled].min() < result[filled].max() <= high
    assert len(np.unique(result[filled])) > 0.9 * filled.sum()


def test_boxes_lie_inside_and_have_their_numbers_and_sizes(picture):
    rng = np.random.default_rng(0)
    transform = RandCoarseDropout("image", 2, (2, 3, 20), max_holes=4, max_spatial_size=(4, 3, 30), prob=1)
    drawn = [transform.draw({"image": picture(DATA)}, rng)["boxes"] for _ in range(300)]
    assert {len(boxes) for boxes in drawn} == {2, 3, 4}
    starts, sizes = (np.array([box[part] for boxes in drawn for box in boxes]) for part in (0, 1))
    assert set(sizes[:, 0]) == {2, 3, 4}
    assert set(sizes[:, 1]) == {3}
    assert set(sizes[:, 2]) == {7}  # at most the image
    assert (starts >= 0).all()
    assert set((starts + sizes).max(axis=0)) == {8, 9, 7}


def test_keys_have_the_same_boxes(picture):
    sample = {"a": picture(DATA), "b": picture(DATA[:1] + 5)}
    result = RandCoarseDropout(["a", "b"], 3, 4, fill_value=-9, prob=1)(sample, np.random.default_rng(0))
    assert torch.equal(result["a"].data[0] == -9, result["b"].data[0] == -9)
    with pytest.raises(DataError, match="'a' and 'b' differ in shape"):
        RandCoarseDropout(["a", "b"], 3, 4, prob=1)(
            {"a": picture(DATA), "b": picture(DATA[:, :3])}, np.random.default_rng(0)
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"holes": 0}, "1 <= holes <= max_holes must hold, got 0 and None"),
        ({"holes": 3, "max_holes": 2}, "1 <= holes <= max_holes must hold, got 3 and 2"),
        ({"spatial_size": 0}, "1 <= spatial_size <= max_spatial_size must hold, got 0, None"),
        ({"max_spatial_size": (3, 1, 3)}, r"1 <= spatial_size <= max_spatial_size must hold, got 3, \(3, 1, 3\)"),
    ],
)
def test_numbers_and_sizes_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        RandCoarseDropout("image", **{"holes": 1, "spatial_size": 3} | arguments)


def test_a_size_has_a_number_for_each_axis(picture):
    with pytest.raises(ValueError, match="spatial_size must be one number or one for each of 3 axes"):
        RandCoarseDropout("image", 1, (3, 3), prob=1)({"image": picture(DATA)}, np.random.default_rng(0))
