from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.errors import DataError
from bundlert.transforms.label.vote_ensemble import VoteEnsemble


def votes(picture, parts, **arguments):
    keys = [f"pred{index}" for index in range(len(parts))]
    sample = {key: picture(part) for key, part in zip(keys, parts, strict=True)}
    result = VoteEnsemble(keys, "votes", **arguments)(sample)["votes"].data
    assert result.dtype == torch.as_tensor(parts[0]).dtype
    return result.numpy()


@given(st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=7))
def test_the_label_with_most_votes_wins_and_the_lowest_of_equals(picture, parts):
    parts = np.array(parts, np.uint8)
    expected = [np.bincount(column, minlength=4).argmax() for column in parts.T]
    assert votes(picture, [part[None] for part in parts], num_classes=4)[0].tolist() == expected


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_channels_of_zeros_and_ones_vote_for_themselves(picture, dtype, count):
    chance = torch.Generator().manual_seed(0)
    parts = [torch.randint(0, 2, (2, 4, 5), generator=chance).to(dtype) for _ in range(count)]
    expected = np.mean([part.numpy() for part in parts], axis=0) > 0.5
    np.testing.assert_array_equal(votes(picture, parts), expected)


def test_arguments_and_labels_are_checked(picture):
    with pytest.raises(ValueError, match="output_key must be given for several keys, got None"):
        VoteEnsemble(["a", "b"])
    with pytest.raises(ValueError, match="num_classes must be >= 2, got 1"):
        VoteEnsemble("a", num_classes=1)
    with pytest.raises(DataError, match=r"has other labels\n  got: 0..3\n  expected: 0..2"):
        votes(picture, [torch.tensor([[0, 3]])], num_classes=3)
    with pytest.raises(DataError, match=r"has other labels\n  got: 0..2\n  expected: 0..1"):
        votes(picture, [torch.tensor([[0, 2]])])
    with pytest.raises(DataError, match=r"has other channels\n  got: \(2, 3\) and \(1, 3\)"):
        votes(picture, [torch.zeros(1, 3), torch.zeros(2, 3)])
