from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.transforms.label.map_values import MapLabelValue


@given(st.permutations(range(6)), st.sampled_from([np.uint8, np.int16, np.float32]))
def test_all_labels_are_replaced_at_once(relabelled, targets, dtype):
    labels = np.random.default_rng(0).integers(0, 8, size=(1, 5, 6)).astype(dtype)
    expected = [[{**dict(enumerate(targets)), 6: 6, 7: 7}[int(one)] for one in row] for row in labels[0]]
    assert relabelled(MapLabelValue("label", range(6), targets), labels)[0].tolist() == expected


@pytest.mark.parametrize("before", ["uint8", "int16", "float32"])
@pytest.mark.parametrize("after", ["uint8", "int64", "float32"])
def test_dtypes_can_be_mixed(picture, before, after):
    image = picture(torch.tensor([[0, 1, 2, 200]]).to(getattr(torch, before)))
    result = MapLabelValue("label", [1, 200], [5, 0], after)({"label": image})["label"].data
    assert result.dtype == getattr(torch, after)
    assert result.tolist() == [[0, 5, 2, 0]]


def test_another_dtype_can_be_asked_for(picture):
    result = MapLabelValue("label", [1], [0.5], "float32")({"label": picture(torch.tensor([[1, 2]]))})["label"].data
    assert result.dtype == torch.float32
    assert result.tolist() == [[0.5, 2]]


@pytest.mark.parametrize(("target", "dtype"), [(300, torch.uint8), (-1, torch.uint8), (0.5, torch.int16)])
def test_a_label_that_does_not_fit_is_refused(picture, target, dtype):
    with pytest.raises(ValueError, match=f"target_labels must fit {str(dtype)[6:]} of an image of 2, got {target}"):
        MapLabelValue("label", [1], [target])({"label": picture(torch.tensor([[1, 2]]).to(dtype))})


def test_lists_are_checked():
    with pytest.raises(ValueError, match=r"orig_labels and target_labels must be equally many, got \[1, 2\] and \[3\]"):
        MapLabelValue("label", [1, 2], [3])
    with pytest.raises(ValueError, match=r"orig_labels must name each label once, got \[1, 1\]"):
        MapLabelValue("label", [1, 1], [3, 4])
    with pytest.raises(ValueError, match="dtype must be the name of a torch dtype, float32 for instance, got 'real'"):
        MapLabelValue("label", [1], [3], "real")
