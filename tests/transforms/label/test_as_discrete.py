from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.label.as_discrete import AsDiscrete

GRID = Grid((4,), np.eye(2))


def labels(data, **arguments):
    result = AsDiscrete("pred", **arguments)({"pred": Image(torch.tensor(data), GRID)})["pred"].data
    assert result.dtype == torch.uint8
    return result.tolist()


def test_argmax_gives_the_largest_channel_and_the_first_of_equals():
    assert labels([[0.1, 0.5, 0, 0], [0.2, 0.5, 0, 1], [0.7, 0, 1, 0]], argmax=True) == [[2, 0, 2, 1]]


def test_a_threshold_works_on_each_channel_and_is_reached_by_equality():
    assert labels([[0.4, 0.5, 0.6, 0.0], [1.0, 0.0, 0.5, 0.1]], threshold=0.5) == [[0, 1, 1, 0], [1, 0, 1, 0]]


@pytest.mark.parametrize("one", [1, 1.0])
def test_labels_become_channels(one):
    assert labels([[0, one, 2, one]], to_onehot=3) == [[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]]


def test_argmax_comes_before_one_hot_and_that_before_the_threshold():
    scores = [[0.1, 0.5, 0, 0], [0.2, 0.5, 0, 1], [0.7, 0, 1, 0]]
    assert labels(scores, argmax=True, to_onehot=3) == [[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 1, 0]]
    assert labels(scores, argmax=True, threshold=0.5) == [[1, 0, 1, 1]]


def test_rounding_goes_to_the_even_half_and_keeps_the_dtype():
    image = Image(torch.tensor([[0.5, 1.5, -0.6, 300.2]], dtype=torch.float16), GRID)
    result = AsDiscrete("pred", rounding="torchrounding")({"pred": image})["pred"].data
    assert result.dtype == torch.float16
    assert result.tolist() == [[0, 2, -1, 300]]
    assert labels([[0.4, 0.5, 0.6, 0.0]], threshold=0.5, rounding="torchrounding") == [[0, 1, 1, 0]]


def test_each_key_can_have_its_own():
    sample = {
        "pred": Image(torch.tensor([[0.1, 0.5, 0, 0], [0.2, 0.6, 0, 1]]), GRID),
        "label": Image(torch.tensor([[1, 1, 0, 0]]), GRID),
    }
    result = AsDiscrete(["pred", "label"], argmax=[True, False], to_onehot=2)(sample)
    assert result["pred"].data.tolist() == [[0, 0, 1, 0], [1, 1, 0, 1]]
    assert result["label"].data.tolist() == [[0, 0, 1, 1], [1, 1, 0, 0]]
    only = AsDiscrete(["pred", "label"], argmax=[True, False])(sample)
    assert only["label"].data is sample["label"].data


def test_more_classes_than_uint8_counts_are_refused():
    with pytest.raises(DataError, match="too many classes\n  got: 257\n  expected: 256 at most"):
        AsDiscrete("pred", argmax=True)({"pred": Image(torch.zeros(257, 4), GRID)})
    with pytest.raises(ValueError, match=r"to_onehot must lie in 1..256, got 257"):
        AsDiscrete("pred", to_onehot=257)


def test_one_hot_of_what_is_no_label_map_is_refused():
    with pytest.raises(DataError, match="is no label map\n  got: 2 channels\n  expected: 1\n  try: take argmax before"):
        labels([[0, 1, 2, 1], [0, 1, 2, 1]], to_onehot=3)
    with pytest.raises(DataError, match=r"has labels beyond its classes\n  got: 0..2\n  expected: 0..1"):
        labels([[0, 1, 2, 1]], to_onehot=2)
    with pytest.raises(DataError, match=r"has labels beyond its classes\n  got: -1..1\n  expected: 0..1"):
        labels([[0, 1, -1, 1]], to_onehot=2)


def test_something_must_be_asked():
    message = r"one of argmax, to_onehot, threshold, rounding must be given, got \[False, None, None, None\]"
    with pytest.raises(ValueError, match=message):
        AsDiscrete("pred")
    with pytest.raises(ValueError, match="rounding must be one of torchrounding, got 'up'"):
        AsDiscrete("pred", rounding="up")
