import torch
from inferers.tiny import conv_network

from bundlert.inferers.backends.runner import Request
from bundlert.inferers.backends.source import Source


def test_everything_is_made_once():
    network = conv_network()
    source = Source(network, Request((1, 4, 4, 4), 2, "fp32", torch.device("cpu")), None)
    assert source.dims == 3
    assert source.windows is source.windows
    assert torch.equal(source.output, network(source.windows))
    made = [source.once("list", list) for _ in range(2)]
    assert made[0] is made[1]
    assert source.once("other", list) is not made[0]


def test_the_reference_is_in_float32_whatever_autocast_says():
    source = Source(conv_network(), Request((1, 4, 4, 4), 2, "bf16", torch.device("cpu")), None)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert source.output.dtype is torch.float32
