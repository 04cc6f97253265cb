from itertools import product

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from bundlert.inferers.backends.exported import exported
from bundlert.inferers.backends.few_channels import FewChannels
from bundlert.inferers.backends.runner import Request


def convolutions(work):
    """The kinds of convolutions that torch is asked for."""
    with torch.profiler.profile() as profile:
        work()
    return {event.name for event in profile.events() if event.name.startswith("aten::conv")}


def by_definition(image, weight, bias, *, stride, padding, output_padding):
    """Each voxel of the input adds its kernel to the output."""
    dims = len(stride)
    sizes = zip(image.shape[2:], weight.shape[2:], stride, output_padding, strict=True)
    whole = [(length - 1) * step + kernel + end for length, kernel, step, end in sizes]
    result = torch.zeros(len(image), weight.shape[1], *whole, dtype=torch.float64)
    for place in product(*map(range, image.shape[2:])):
        begin = [one * step for one, step in zip(place, stride, strict=True)]
        window = tuple(slice(one, one + kernel) for one, kernel in zip(begin, weight.shape[2:], strict=True))
        result[(..., *window)] += torch.einsum("nc,ck...->nk...", image[(..., *place)].double(), weight.double())
    cut = tuple(slice(pad, size - pad) for pad, size in zip(padding, whole, strict=True))
    result = result[(..., *cut)]
    return result if bias is None else result + bias.view(-1, *[1] * dims)


@st.composite
def layers(draw):
    dims = draw(st.integers(1, 3))
    numbers = lambda least, most: tuple(draw(st.integers(least, most)) for _ in range(dims))  # noqa: E731
    stride, kernel = numbers(1, 3), numbers(1, 5)
    padding = tuple(draw(st.integers(0, one - 1)) for one in kernel)
    more = tuple(draw(st.integers(0, one - 1)) for one in stride)
    size = numbers(1, 5)
    ends = zip(size, stride, kernel, padding, more, strict=True)
    assume(all((length - 1) * step + width + end > 2 * pad for length, step, width, pad, end in ends))
    return size, kernel, stride, padding, more, draw(st.integers(1, 3)), draw(st.booleans())


@settings(deadline=None, max_examples=50)
@given(layers())
def test_any_layer_gives_what_the_definition_says(layer):
    size, kernel, stride, padding, more, channels, has_bias = layer
    chance = torch.Generator().manual_seed(0)
    image, weight = (torch.randn(shape, generator=chance) for shape in ((2, 3, *size), (3, channels, *kernel)))
    bias = torch.arange(float(channels)) if has_bias else None
    options = {"stride": stride, "padding": padding, "output_padding": more}
    transposed = getattr(functional, f"conv_transpose{len(size)}d")
    with FewChannels():
        found = transposed(image, weight, bias, **options)
    expected = by_definition(image, weight, bias, **options)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_few_channels_are_computed_by_a_convolution_and_more_are_left_alone(channels):
    layer, image = nn.ConvTranspose3d(4, channels, 3, 2, 1, 1), torch.randn(1, 4, 5, 6, 7)
    with FewChannels(), torch.no_grad():
        kinds = convolutions(lambda: layer(image))
    assert ("aten::conv_transpose3d" in kinds) == (channels > 2)
    assert ("aten::conv3d" in kinds) == (channels <= 2)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.ConvTranspose2d(4, 2, 3, 2, groups=2), (1, 4, 5, 6)),
        (nn.ConvTranspose2d(4, 2, 3, 2, dilation=2), (1, 4, 5, 6)),
        (nn.ConvTranspose2d(4, 2, 3, 1), (1, 4, 5, 6)),
        (nn.ConvTranspose2d(4, 2, 3, 2), (4, 5, 6)),
        (nn.Conv2d(4, 2, 3), (1, 4, 5, 6)),
    ],
    ids=["groups", "dilation", "no stride", "no batch", "not transposed"],
)
def test_what_has_no_faster_way_is_left_as_it_is(layer, shape):
    image = torch.randn(shape)
    expected = layer(image)
    with FewChannels():
        assert torch.equal(layer(image), expected)


def test_gradients_are_those_of_the_layer():
    layer, image = nn.ConvTranspose2d(3, 2, 3, 2, 1, 1).double(), torch.randn(2, 3, 4, 5).double().requires_grad_()
    wanted = (image, *layer.parameters())
    expected = torch.autograd.grad(layer(image).square().sum(), wanted)
    with FewChannels():
        found = torch.autograd.grad(layer(image).square().sum(), wanted)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_one_number_may_stand_for_all_axes():
    image, weight = torch.randn(1, 3, 4, 5), torch.randn(3, 2, 3, 3)
    expected = functional.conv_transpose2d(image, weight, stride=2, padding=1, output_padding=1)
    with FewChannels():
        found = functional.conv_transpose2d(image, weight, None, [2], 1, output_padding=(1, 1))
    torch.testing.assert_close(found, expected)


def test_half_precision_stays_half():
    layer, image = nn.ConvTranspose2d(3, 2, 3, 2), torch.randn(1, 3, 4, 5)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16), FewChannels():
        found = layer(image)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), layer(image).detach(), rtol=0.05, atol=0.05)


def test_an_exported_graph_has_the_convolution():
    network = nn.Sequential(nn.ConvTranspose3d(1, 2, 3, 2, 1, 1)).eval()
    with FewChannels():
        graph = exported(network, Request((1, 4, 4, 4), 2, "fp32", torch.device("cpu")))
    (convolution,) = [node for node in graph.program.graph.nodes if "conv" in str(node.target)]
    assert "transpose" not in str(convolution.target)
    windows = torch.randn(3, 1, 4, 4, 4)
    torch.testing.assert_close(graph.program.module()(windows)[0], network(windows))
