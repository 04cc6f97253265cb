from __future__ import annotations

import pytest
import torch

from bundlert.transforms.label.label_mask import LabelToMask, where_any


def masked(picture, data, *arguments):
    result = LabelToMask("label", *arguments)({"label": picture(data)})["label"].data
    assert result.dtype == torch.uint8
    return result.tolist()


@pytest.mark.parametrize("dtype", [torch.int16, torch.uint8, torch.float32])
def test_a_label_map_becomes_a_mask(picture, dtype):
    labels = torch.tensor([[0, 1, 2, 3]]).to(dtype)
    assert masked(picture, labels, [1, 3]) == [[0, 1, 0, 1]]
    assert masked(picture, labels, 0) == [[1, 0, 0, 0]]


def test_channels_of_one_hot_are_picked_or_merged(picture):
    onehot = torch.tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    assert masked(picture, onehot, [2, 1]) == [[0, 0, 1], [0, 1, 0]]
    assert masked(picture, onehot, [2, 1], True) == [[0, 1, 1]]


def test_a_channel_must_be_there(picture):
    with pytest.raises(ValueError, match=r"select_labels must be channels in 0..1, got \[2\]"):
        masked(picture, torch.zeros(2, 3), 2)


def test_any_of_several_labels():
    assert where_any(torch.tensor([1, 2, 3]), [3, 1]).tolist() == [True, False, True]
    assert not where_any(torch.tensor([1, 2, 3]), []).any()
