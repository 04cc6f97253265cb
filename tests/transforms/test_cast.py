from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.cast import CastToType, cast


def test_images_tensors_and_arrays_change_their_dtype(make_image):
    sample = {"image": make_image((2, 2, 2)), "tensor": torch.tensor([1.7, -1.7]), "array": np.array([1.7])}
    result = CastToType(["image", "tensor", "array"], ["float16", "int64", "uint8"])(sample)
    assert result["image"].data.dtype == torch.float16
    assert result["tensor"].tolist() == [1, -1]
    assert result["array"].dtype == np.uint8
    assert sample["tensor"].dtype == torch.float32


def test_float32_is_what_one_gets_if_nothing_is_asked():
    assert CastToType("a")({"a": torch.tensor([1])})["a"].dtype == torch.float32
    assert cast("a", np.zeros((2, 3), np.int16)[:, ::-2], torch.float32).dtype == np.float32


def test_what_has_no_dtype_is_refused():
    with pytest.raises(DataError, match="'a' has no dtype\n  got: str\n  expected: an image, a tensor or an array"):
        CastToType("a")({"a": "text"})
    with pytest.raises(ValueError, match="dtype must be the name of a torch dtype"):
        CastToType("a", "real")
