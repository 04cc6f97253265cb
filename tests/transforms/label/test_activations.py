from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import expit, softmax

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.label.activations import Activations

LOGITS = torch.tensor([[1.0, -2.0, 0.0], [3.0, -2.0, 0.5]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("chosen", "expected"), [("softmax", softmax(LOGITS.numpy(), axis=0)), ("sigmoid", expit(LOGITS.numpy()))]
)
def test_probabilities_are_those_of_scipy_in_float32(chosen, expected):
    image = Image(LOGITS, Grid((3,), np.eye(2)))
    result = Activations("pred", **{chosen: True})({"pred": image})["pred"].data
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result, expected, rtol=1e-6)


@pytest.mark.parametrize("both", [True, False])
def test_exactly_one_must_be_chosen(both):
    with pytest.raises(ValueError, match="one of softmax and sigmoid must be true"):
        Activations("pred", softmax=both, sigmoid=both)
