import pytest
import torch
from torch import nn
from torch.nn import functional

from bundlert.networks.blocks.residual import ResidualUnit


def normed(x):
    return functional.relu(functional.instance_norm(x))


def test_the_result_is_the_chain_plus_the_shortcut():
    unit = ResidualUnit(2, 3, 4, subunits=2, stride=2, act="RELU").double()
    x = torch.randn(1, 3, 8, 8, dtype=torch.double)
    first, second = unit.chain[0].conv, unit.chain[1].conv
    inner = normed(functional.conv2d(x, first.weight, first.bias, stride=2, padding=1))
    chain = normed(functional.conv2d(inner, second.weight, second.bias, padding=1))
    around = functional.conv2d(x, unit.shortcut.weight, unit.shortcut.bias, stride=2, padding=1)
    torch.testing.assert_close(unit(x), chain + around)


def test_a_chain_of_zeros_leaves_the_input_where_shapes_agree():
    unit = ResidualUnit(3, 2, 2, subunits=3, act="RELU")
    for parameter in unit.chain.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(1, 2, 4, 4, 4)
    assert torch.equal(unit(x), x)


@pytest.mark.parametrize(
    ("into", "stride", "width"),
    [(2, 1, None), (3, 1, 1), (2, 2, 5), (3, 2, 5)],
    ids=["same", "channels", "size", "both"],
)
def test_the_shortcut_is_as_narrow_as_it_can_be(into, stride, width):
    shortcut = ResidualUnit(2, into, 2, subunits=1, stride=stride, kernel_size=5).shortcut
    assert (None if isinstance(shortcut, nn.Identity) else shortcut.kernel_size[0]) == width


def test_only_the_first_convolution_strides():
    unit = ResidualUnit(1, 2, 4, subunits=3, stride=2)
    assert [block.conv.stride for block in unit.chain] == [(2,), (1,), (1,)]
    assert [block.conv.in_channels for block in unit.chain] == [2, 4, 4]


def test_the_last_convolution_may_stand_alone_and_bias_is_for_all():
    unit = ResidualUnit(1, 2, 4, subunits=2, last_conv_only=True, bias=False)
    assert [len(block.behind) for block in unit.chain] == [2, 0]
    assert unit.shortcut.bias is None
    assert all(block.conv.bias is None for block in unit.chain)
