from __future__ import annotations

import pytest
import torch

from bundlert.transforms.label.label_filter import LabelFilter


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32])
@pytest.mark.parametrize(("wanted", "expected"), [([1, 3], [0, 1, 0, 3]), (2, [0, 0, 2, 0]), ([9], [0, 0, 0, 0])])
def test_only_some_labels_stay(relabelled, dtype, wanted, expected):
    assert relabelled(LabelFilter("label", wanted), torch.tensor([[0, 1, 2, 3]]).to(dtype)).tolist() == [expected]
