from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import expit, softmax

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.label.activations import Activations

LOGITS = torch.tensor([[1.0, -2.0, 0.0], [3.0, -2.0, 0.5]], dtype=torch.float64)
GRID = Grid((3,), np.eye(2))


@pytest.mark.parametrize(
    ("chosen", "expected"), [("softmax", softmax(LOGITS.numpy(), axis=0)), ("sigmoid", expit(LOGITS.numpy()))]
)
def test_probabilities_are_those_of_scipy_in_float32(chosen, expected):
    result = Activations("pred", **{chosen: True})({"pred": Image(LOGITS, GRID)})["pred"].data
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result, expected, rtol=1e-6)


@pytest.mark.parametrize("other", [torch.nn.Softplus(), lambda data: data.exp().log1p()])
def test_another_function_can_be_given(other):
    result = Activations("pred", other=other)({"pred": Image(LOGITS, GRID)})["pred"].data
    np.testing.assert_allclose(result, np.log1p(np.exp(LOGITS.numpy())), rtol=1e-5)


def test_each_key_can_have_its_own():
    sample = {"a": Image(LOGITS, GRID), "b": Image(LOGITS, GRID), "c": Image(LOGITS, GRID)}
    result = Activations(["a", "b", "c"], softmax=[True, False, False], sigmoid=[False, True, False])(sample)
    np.testing.assert_allclose(result["a"].data, softmax(LOGITS.numpy(), axis=0), rtol=1e-6)
    np.testing.assert_allclose(result["b"].data, expit(LOGITS.numpy()), rtol=1e-6)
    assert result["c"] is sample["c"]


@pytest.mark.parametrize("both", [True, False])
def test_exactly_one_must_be_chosen(both):
    with pytest.raises(ValueError, match="one of softmax, sigmoid and other must be true, got softmax="):
        Activations("pred", softmax=both, sigmoid=both)
    with pytest.raises(ValueError, match="one of softmax, sigmoid and other must be true, got softmax="):
        Activations(["a", "b"], softmax=[both, both], sigmoid=[both, both])
