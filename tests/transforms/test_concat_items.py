from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.concat_items import ConcatItems


def test_images_become_channels_of_one(make_image):
    sample = {"a": make_image(), "b": make_image(voxels=torch.ones(6, 7, 8, dtype=torch.int16)), "name": "x"}
    result = ConcatItems(["a", "b"], "both")(sample)
    assert set(result) == {"a", "b", "name", "both"}
    assert torch.equal(result["both"].data[:1], sample["a"].data)
    assert (result["both"].data[1] == 1).all()
    assert result["both"].data.dtype == torch.float32
    assert result["both"].grid is sample["a"].grid


def test_tensors_and_arrays_are_put_together_along_an_axis():
    sample = {"a": torch.zeros(2, 3), "b": torch.ones(2, 1), "c": np.zeros(2), "d": np.ones(1)}
    assert ConcatItems(["a", "b"], "x", dim=1)(sample)["x"].tolist() == [[0, 0, 0, 1], [0, 0, 0, 1]]
    assert ConcatItems(["c", "d"], "x")(sample)["x"].tolist() == [0, 0, 1]


def test_what_does_not_fit_is_refused(make_image):
    sample = {"a": make_image(), "b": make_image((6, 7, 9)), "c": torch.zeros(3)}
    with pytest.raises(DataError, match="'a' and 'b' differ in shape"):
        ConcatItems(["a", "b"], "x")(sample)
    with pytest.raises(DataError, match="entries can't be put together\n  got: Tensor, Image"):
        ConcatItems(["c", "a"], "x")(sample)
    with pytest.raises(ValueError, match="dim must be 0 for images, got 1"):
        ConcatItems(["a", "a"], "x", dim=1)(sample)
