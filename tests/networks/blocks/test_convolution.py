import pytest
import torch
from torch import nn
from torch.nn import functional

from bundlert.networks.blocks.convolution import Convolution

SIZES = (8, 12, 16)


def test_convolution_norm_and_activation_follow_each_other():
    block = Convolution(2, 3, 5, kernel_size=5, stride=2, act="RELU").double()
    x = torch.randn(2, 3, 8, 12, dtype=torch.double)
    plain = functional.conv2d(x, block.conv.weight, block.conv.bias, stride=2, padding=2)
    torch.testing.assert_close(block(x), functional.relu(functional.instance_norm(plain)))


def test_dropout_stands_between_norm_and_activation():
    block = Convolution(3, 1, 2, dropout=0.3)
    assert [type(layer) for layer in block.behind] == [nn.InstanceNorm3d, nn.Dropout3d, nn.PReLU]
    assert block.behind[1].p == 0.3


@pytest.mark.parametrize("width", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_sizes_change_by_the_stride_exactly(dims, stride, width):
    x = torch.zeros(1, 2, *SIZES[:dims])
    up = Convolution(dims, 2, 3, stride=stride, kernel_size=width, transposed=True)(x)
    assert up.shape == (1, 3, *(size * stride for size in SIZES[:dims]))
    down = Convolution(dims, 2, 3, stride=stride, kernel_size=width)(x)
    assert down.shape == (1, 3, *(size // stride for size in SIZES[:dims]))


def test_a_transposed_convolution_is_the_transpose_of_the_convolution():
    up = Convolution(1, 1, 1, stride=2, transposed=True, conv_only=True, bias=False).double()
    rows = torch.eye(4, dtype=torch.double)[:, None]
    columns = torch.eye(8, dtype=torch.double)[:, None]
    down = functional.conv1d(columns, up.conv.weight, stride=2, padding=1)
    torch.testing.assert_close(up(rows)[:, 0], down[:, 0].T)


def test_a_convolution_alone_has_nothing_behind_it():
    block = Convolution(2, 1, 2, conv_only=True, bias=False)
    assert len(block.behind) == 0
    assert [name for name, _ in block.named_parameters()] == ["conv.weight"]
