from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.label.mean_ensemble import MeanEnsemble, output_of

PARTS = [torch.rand(2, 4, 5, generator=torch.Generator().manual_seed(seed)) for seed in range(3)]


def mean(picture, parts, **arguments):
    keys = [f"pred{index}" for index in range(len(parts))]
    sample = {key: picture(part) for key, part in zip(keys, parts, strict=True)}
    result = MeanEnsemble(keys, "mean", **arguments)(sample)
    assert set(result) == {*keys, "mean"}
    assert result["mean"].data.dtype == torch.float32
    return result["mean"].data.numpy()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int16])
def test_the_mean_of_several_images(picture, dtype):
    parts = [(part * 9).to(dtype) for part in PARTS]
    expected = np.mean([part.numpy().astype(float) for part in parts], axis=0)
    np.testing.assert_allclose(mean(picture, parts), expected, rtol=1e-5)


def test_images_or_their_channels_can_have_weights(picture):
    arrays = np.stack([part.numpy() for part in PARTS])
    np.testing.assert_allclose(
        mean(picture, PARTS, weights=[1, 2, 0]), np.average(arrays, axis=0, weights=[1, 2, 0]), rtol=1e-5
    )
    weights = [[1, 2], [3, 0], [1, 1]]
    expected = [np.average(arrays[:, channel], axis=0, weights=np.array(weights)[:, channel]) for channel in (0, 1)]
    np.testing.assert_allclose(mean(picture, PARTS, weights=weights), expected, rtol=1e-5)


def test_one_key_needs_no_other():
    assert output_of(("a",), None) == "a"
    assert output_of(("a", "b"), "c") == "c"
    with pytest.raises(ValueError, match="output_key must be given for several keys, got None"):
        output_of(("a", "b"), None)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1], r"weights must be one for each of 2 keys, got \[1\]"),
        ([1, -1], r"weights must be >= 0 and not all 0, got \[1, -1\]"),
        ([0, 0], r"weights must be >= 0 and not all 0, got \[0, 0\]"),
        ([[1, 0], [1, 0]], r"weights must be >= 0 and not all 0, got \[\[1, 0\], \[1, 0\]\]"),
        ([[1, 0], [1, 0, 1]], r"weights must have equally many channels, got \[\[1, 0\], \[1, 0, 1\]\]"),
    ],
)
def test_weights_are_checked(weights, message):
    with pytest.raises(ValueError, match=message):
        MeanEnsemble(["a", "b"], "c", weights)


def test_images_must_fit_each_other_and_weights(picture):
    with pytest.raises(DataError, match="'pred0' and 'pred1' differ in shape"):
        mean(picture, [torch.zeros(1, 3), torch.zeros(1, 4)])
    with pytest.raises(ValueError, match=r"of one number of channels, got \[\(1, 3\), \(2, 3\)\] and weights for 1"):
        mean(picture, [torch.zeros(1, 3), torch.zeros(2, 3)])
    with pytest.raises(ValueError, match=r"of one number of channels, got \[\(1, 3\)\] and weights for 2"):
        mean(picture, [torch.zeros(1, 3)] * 2, weights=[[1, 2], [1, 2]])
