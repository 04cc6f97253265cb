from __future__ import annotations

import pytest
import torch

from bundlert.transforms.intensity.threshold import ThresholdIntensity


@pytest.mark.parametrize(("above", "expected"), [(True, [9, 9, 9, 3]), (False, [1, 9, 9, 9])])
def test_only_what_is_beyond_the_threshold_is_kept(changed, above, expected):
    data = torch.tensor([[1.0, 2.0, torch.nan, 3.0]])
    assert changed(ThresholdIntensity("image", 2, above, 9), data).tolist() == [expected]


def test_integers_may_become_fractions(changed):
    data = torch.tensor([[1, 4]], dtype=torch.int16)
    assert changed(ThresholdIntensity("image", 2, cval=0.5), data).tolist() == [[0.5, 4]]
