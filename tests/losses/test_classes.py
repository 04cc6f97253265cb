import re

import pytest
import torch

from bundlert.losses.classes import (
    Classes,
    as_classes,
    check_reduction,
    class_weight,
    fitted_weight,
    reduced,
)


def test_a_label_map_becomes_one_channel_a_class():
    labels = torch.tensor([[[[0, 2], [1, 5]]]])
    assert as_classes(labels, 3).int().tolist() == [[[[1, 0], [0, 0]], [[0, 0], [1, 0]], [[0, 1], [0, 0]]]]
    with pytest.raises(ValueError, match=r"a label map must be \[B, 1, \*S\], got \(1, 2, 2, 2\)"):
        as_classes(labels.expand(1, 2, 2, 2), 3)


def test_sigmoid_and_softmax_exclude_each_other():
    with pytest.raises(ValueError, match="sigmoid and softmax exclude each other, got both"):
        Classes(sigmoid=True, softmax=True)


@pytest.mark.parametrize("shape", [(2, 2, 4), (2, 1, 5), (1, 1, 4), (2, 1, 4, 1)])
def test_a_label_map_that_doesnt_fit_is_told_with_both_shapes(shape):
    expected = f"target must be a label map (2, 1, 4) for input (2, 3, 4), got {shape}"
    with pytest.raises(ValueError, match=re.escape(expected)):
        Classes(to_onehot_y=True).check(torch.zeros(2, 3, 4), torch.zeros(shape))


def test_a_target_of_another_shape_is_told_with_both_shapes():
    expected = "input and target must have one shape [B, K, *S], got (2, 3, 4) and (2, 1, 4)"
    with pytest.raises(ValueError, match=re.escape(expected)):
        Classes().check(torch.zeros(2, 3, 4), torch.zeros(2, 1, 4))
    with pytest.raises(ValueError, match=r"input must be \[B, K, \*S\], got \(4,\)"):
        Classes().check(torch.zeros(4), torch.zeros(4))


@pytest.mark.parametrize("option", [{"softmax": True}, {"to_onehot_y": True}, {"include_background": False}])
def test_one_channel_is_no_choice_of_classes(option):
    expected = r"softmax, to_onehot_y and include_background=False need two classes or more, got \(2, 1, 4\)"
    with pytest.raises(ValueError, match=expected):
        Classes(**option).check(torch.zeros(2, 1, 4), torch.zeros(2, 1, 4))


def test_the_background_is_the_first_class():
    values = torch.arange(6).view(2, 3)
    assert Classes().counted(values) is values
    assert Classes(include_background=False).counted(values).tolist() == [[1, 2], [4, 5]]


def test_values_are_reduced_as_told():
    values = torch.tensor([1.0, 2.0, 6.0])
    assert [reduced(values, name).tolist() for name in ("mean", "sum", "none")] == [3, 9, [1, 2, 6]]
    with pytest.raises(ValueError, match="reduction must be one of mean, sum, none, got 'max'"):
        check_reduction("max")


def test_weights_are_one_or_one_a_class():
    values = torch.zeros(2, 3, dtype=torch.double)
    assert class_weight(None) is None
    assert fitted_weight(class_weight(2), values).item() == 2
    assert fitted_weight(class_weight([1, 2, 3]), values).dtype == torch.double
    with pytest.raises(ValueError, match=r"weight must have one factor for each of 3 classes, got \[1.0, 2.0\]"):
        fitted_weight(class_weight([1, 2]), values)
    with pytest.raises(ValueError, match=r"weight must be >= 0, got \[1.0, -2.0\]"):
        class_weight([1, -2])
