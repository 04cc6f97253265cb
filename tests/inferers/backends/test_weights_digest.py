import copy

import pytest
import torch
from inferers.tiny import conv_network
from torch import nn

from bundlert.inferers.backends.weights_digest import digest_of, fingerprint


def changes():
    def step(network):
        network(torch.rand(2, 1, 4, 4, 4)).sum().backward()
        torch.optim.SGD(network.parameters(), 0.1).step()

    return {
        "in place": lambda network: network[0].weight.add_(1e-7),
        "behind torch's back": lambda network: network[0].weight.data.add_(1e-3),
        "the sign alone": lambda network: network[0].weight.mul_(-1),
        "loaded": lambda network: network.load_state_dict(conv_network(seed=1).state_dict()),
        "a buffer": lambda network: network[1].running_mean.add_(1),
        "another layer": lambda network: network.__setitem__(3, nn.Conv3d(4, 3, 1)),
        "a step of training": torch.enable_grad()(step),
    }


@pytest.mark.parametrize("change", changes().values(), ids=changes())
def test_a_changed_weight_is_seen(change):
    network = conv_network()
    before, digest = fingerprint(network), digest_of(network)
    assert fingerprint(network) == before
    with torch.no_grad():
        change(network)
    assert fingerprint(network) != before
    assert digest_of(network) != digest


def test_the_digest_is_that_of_the_content_and_of_whatever_else_matters():
    network = conv_network()
    assert digest_of(network) == digest_of(copy.deepcopy(network))
    assert digest_of(network) != digest_of(network, (96, 96, 96))
    assert len({digest_of(nn.Sequential(one)) for one in (nn.ReLU(), nn.ELU(), nn.LeakyReLU(0.1), nn.LeakyReLU())}) == 4


def test_weights_of_all_types_have_a_digest():
    network = nn.Module()
    for dtype in (torch.bfloat16, torch.float32, torch.float64, torch.complex64):
        network.register_parameter(f"in_{dtype.itemsize}_{dtype.is_complex}", nn.Parameter(torch.ones(3, dtype=dtype)))
    network.register_buffer("flag", torch.tensor(True))
    network.register_buffer("count", torch.tensor(3))
    with torch.inference_mode():
        network.register_buffer("made", torch.ones(2))
    assert len(fingerprint(network)) == 7
    assert len(digest_of(network)) == 64


def test_a_network_without_weights_has_both():
    assert fingerprint(nn.Identity()) == ()
    assert digest_of(nn.Identity()) != digest_of(nn.ReLU())
