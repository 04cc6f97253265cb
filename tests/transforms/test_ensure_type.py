from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.ensure_type import EnsureType, tensor_of


@pytest.mark.parametrize("entry", [[1, 2], (1, 2), np.array([1, 2]), np.array([2, 1])[::-1], torch.tensor([1, 2])])
def test_numbers_become_tensors(entry):
    result = EnsureType("a", dtype="int16")({"a": entry})["a"]
    assert isinstance(result, torch.Tensor)
    assert result.dtype == torch.int16
    assert result.tolist() == [1, 2]


def test_images_stay_images(make_image):
    image = make_image((2, 2, 2))
    assert EnsureType("image", dtype="float64")({"image": image})["image"].data.dtype == torch.float64
    assert EnsureType("image", device="cpu")({"image": image})["image"].data is image.data


def test_one_number_is_a_tensor_too():
    assert tensor_of(2.5, None, None, True).item() == 2.5
    assert tensor_of(True, None, None, True).dtype == torch.bool


def test_lists_can_stay_lists():
    first, second = EnsureType("a", wrap_sequence=False)({"a": [1, [2, 3]]})["a"]
    assert first.item() == 1
    assert [one.item() for one in second] == [2, 3]


@pytest.mark.parametrize("entry", ["text", None, {"a": 1}, ["a", "b"]])
def test_all_else_passes(entry):
    assert EnsureType("a")({"a": entry})["a"] is entry


def test_other_types_are_refused():
    with pytest.raises(ValueError, match="data_type must be one of tensor, got 'numpy'"):
        EnsureType("a", "numpy")
