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


def test_more_classes_than_uint8_counts_are_refused():
    with pytest.raises(DataError, match="too many classes\n  got: 257\n  expected: 256 at most"):
        AsDiscrete("pred", argmax=True)({"pred": Image(torch.zeros(257, 4), GRID)})


@pytest.mark.parametrize("arguments", [{}, {"argmax": True, "threshold": 0.5}])
def test_exactly_one_way_must_be_chosen(arguments):
    with pytest.raises(ValueError, match="one of argmax and threshold must be given"):
        AsDiscrete("pred", **arguments)
