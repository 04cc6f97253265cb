from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.to_tensor import ToTensor


def test_numbers_become_tensors_and_images_stay(make_image):
    sample = {"image": make_image((2, 2, 2)), "array": np.arange(3), "number": 4}
    result = ToTensor(["image", "array", "number"], dtype="float32", device="cpu")(sample)
    assert result["image"].data is sample["image"].data
    assert result["array"].tolist() == [0, 1, 2]
    assert (result["number"].item(), result["number"].dtype) == (4, torch.float32)


def test_a_list_can_stay_one():
    assert [one.item() for one in ToTensor("a", wrap_sequence=False)({"a": [1, 2]})["a"]] == [1, 2]


@pytest.mark.parametrize("wrap_sequence", [False, True])
@pytest.mark.parametrize("entry", ["text", None, ["a"]])
def test_what_has_no_numbers_is_refused(entry, wrap_sequence):
    with pytest.raises(DataError, match=r"'a' can't be a tensor\n  got: .*\n  expected: an image, numbers or an array"):
        ToTensor("a", wrap_sequence=wrap_sequence)({"a": entry})
