import pytest
import torch

from bundlert.inferers.backends.agreement import agreement


def test_the_greatest_difference_and_the_share_of_other_classes_are_found():
    expected = torch.tensor([[[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 0.9999]]])
    found = expected.clone()
    found[0, 1, 3] = 1.0001
    compared = agreement([found, torch.ones(1, 1, 2)], [expected, torch.ones(1, 1, 2)])
    assert compared.difference == pytest.approx(2e-4, rel=1e-2)
    assert compared.argmax_differs == 0.25
    assert str(compared) == "differs by 2.0e-04 at most, argmax in 25.000% of voxels"


@pytest.mark.parametrize(
    ("value", "difference", "close"), [(1, 9e-4, True), (1, 2e-3, False), (1000, 9e-3, True), (1000, 2e-2, False)]
)
def test_float32_may_differ_by_a_thousandth_or_as_it_rounds_large_values(value, difference, close):
    expected = torch.full((1, 2, 3), float(value))
    compared = agreement([expected + difference], [expected])
    assert compared.close("fp32") == close
    assert compared.close("bf16")


@pytest.mark.parametrize("lost", [float("nan"), float("inf")])
def test_lost_numbers_are_close_in_no_precision(lost):
    expected, found = torch.zeros(1, 2, 3), torch.zeros(1, 2, 3)
    found[0, 0, 0] = lost
    assert not agreement([torch.zeros(1, 2, 3), found], [torch.ones(1, 2, 3), expected]).close("fp16")


def test_other_shapes_are_told():
    with pytest.raises(ValueError, match=r"outputs of shapes \[\(1, 2\)\] can't be compared with \[\(1, 3\)\]"):
        agreement([torch.ones(1, 2)], [torch.ones(1, 3)])
