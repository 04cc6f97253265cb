from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.intensity.clip import ClipIntensity, softly_clipped


@pytest.mark.parametrize(("low", "high"), [(-1, 2), (None, 2), (-1, None)])
def test_values_beyond_the_ends_become_the_ends(changed, low, high):
    data = torch.tensor([[-5, -1, 0, 2, 9]], dtype=torch.int16)
    assert changed(ClipIntensity("image", low, high), data).tolist() == np.clip(data.numpy(), low, high).tolist()


def test_nan_stays(changed):
    np.testing.assert_equal(changed(ClipIntensity("image", 0, 1), torch.tensor([[np.nan, np.inf]])), [[np.nan, 1]])


def test_one_end_must_be_given_and_both_in_order():
    with pytest.raises(ValueError, match="minv or maxv must be given, got None and None"):
        ClipIntensity("image")
    with pytest.raises(ValueError, match="minv must be <= maxv, got 2 and 1"):
        ClipIntensity("image", 2, 1)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (None, 2.0), (-1.0, None)])
def test_soft_ends_follow_the_formula(low, high):
    data = np.linspace(-6, 6, 49)
    expected = data.copy()
    if low is not None:
        expected += np.log1p(np.exp(3 * (low - data))) / 3
    if high is not None:
        expected -= np.log1p(np.exp(3 * (data - high))) / 3
    np.testing.assert_allclose(softly_clipped(torch.from_numpy(data), low, high, 3.0), expected, atol=1e-6)


def test_soft_ends_are_never_passed_and_hard_when_sharp():
    data = torch.linspace(-100, 100, 999)
    soft = softly_clipped(data, -1.0, 2.0, 1.0)
    assert -1 <= soft.min() <= soft.max() <= 2
    torch.testing.assert_close(softly_clipped(data, -1.0, 2.0, 1e4), data.clamp(-1, 2), atol=1e-3, rtol=0)
