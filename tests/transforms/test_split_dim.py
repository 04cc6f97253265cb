from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.split_dim import SplitDim


def make(channels):
    return Image(torch.arange(channels * 6.0).view(channels, 2, 3), Grid((2, 3), np.eye(3)))


def test_each_channel_becomes_an_image():
    sample = {"image": make(2)}
    result = SplitDim("image")(sample)
    assert list(result) == ["image", "image_0", "image_1"]
    assert result["image"] is sample["image"]
    assert torch.equal(result["image_1"].data, sample["image"].data[1:])
    assert result["image_1"].grid.same_as(sample["image"].grid)


def test_parts_can_have_names():
    assert list(SplitDim("image", ["t1", "t2"])({"image": make(2)})) == ["image", "image_t1", "image_t2"]


def test_or_samples_of_their_own():
    first, second = SplitDim(["a", "b"], list_output=True)({"a": make(2), "b": make(2), "name": "x"})
    assert first["a"].data.shape == first["b"].data.shape == (1, 2, 3)
    assert torch.equal(second["a"].data, make(2).data[1:])
    assert second["name"] == "x"


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="dim must be 0 and keepdim true, got 1 and True"):
        SplitDim("image", dim=1)
    with pytest.raises(ValueError, match="dim must be 0 and keepdim true, got 0 and False"):
        SplitDim("image", keepdim=False)
    with pytest.raises(ValueError, match=r"output_postfixes must be 2, one for each channel of 'image', got \['x'\]"):
        SplitDim("image", ["x"])({"image": make(2)})
    with pytest.raises(ValueError, match=r"list_output needs equally many channels for all keys, got \[1, 2\]"):
        SplitDim(["a", "b"], list_output=True)({"a": make(2), "b": make(1)})
