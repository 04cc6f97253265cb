from __future__ import annotations

import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.copy_items import CopyItems


def test_entries_are_there_again(make_image):
    sample = {"image": make_image(), "tensor": torch.zeros(3)}
    result = CopyItems(["image", "tensor"], names=["other", "numbers"])(sample)
    assert result["other"] is sample["image"]
    result["numbers"] += 1
    assert sample["tensor"].tolist() == [0, 0, 0]


def test_names_are_those_of_a_first_copy_then_of_a_second():
    result = CopyItems(["a", "b"], 2, ["a1", "b1", "a2", "b2"])({"a": 1, "b": 2})
    assert result == {"a": 1, "b": 2, "a1": 1, "b1": 2, "a2": 1, "b2": 2}
    assert CopyItems("a", 2)({"a": 1}) == {"a": 1, "a_0": 1, "a_1": 1}


def test_names_are_checked():
    with pytest.raises(ValueError, match="times must be >= 1, got 0"):
        CopyItems("a", 0)
    with pytest.raises(ValueError, match=r"names must be 2, got \['x'\]"):
        CopyItems("a", 2, "x")
    with pytest.raises(DataError, match="the sample has a 'b' already\n  try: give another of `names`"):
        CopyItems("a", names="b")({"a": 1, "b": 2})
