import pytest
import torch
from inferers.tiny import Two, conv_network
from torch import nn

from bundlert.inferers.backends.exported import exported
from bundlert.inferers.backends.runner import Request

REQUEST = Request((1, 4, 4, 4), 1, "fp32", torch.device("cpu"))


class OneSize(nn.Module):
    """A network into which the number of windows is built."""

    def forward(self, x):
        count = int(x.shape[0])
        return x.reshape(count * 2, -1).reshape(x.shape) * count


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad])
def test_a_graph_takes_any_number_of_windows(mode):
    network = conv_network()
    with mode():
        graph = exported(network, REQUEST)
        assert not graph.fixed
        for count in (1, 2, 5):
            windows = torch.rand(count, 1, 4, 4, 4)
            (found,) = graph.program.module()(windows)
            torch.testing.assert_close(found, network(windows), atol=1e-6, rtol=1e-5)


def test_a_network_made_in_inference_mode_can_be_exported():
    with torch.inference_mode():
        network = conv_network()
        graph = exported(network, REQUEST)
        windows = torch.rand(2, 1, 4, 4, 4)
        torch.testing.assert_close(graph.program.module()(windows)[0], network(windows), atol=1e-6, rtol=1e-5)


def test_several_outputs_are_flat():
    network, windows = Two().eval(), torch.rand(2, 1, 4, 4, 4)
    scores, deep = exported(network, REQUEST).program.module()(windows)
    torch.testing.assert_close(scores, network(windows)["scores"], atol=1e-6, rtol=1e-5)
    assert deep.shape == (2, 3, 2, 2, 2)


def test_a_number_of_windows_that_is_built_in_is_found_out():
    graph = exported(OneSize(), REQUEST._replace(batch=3))
    assert graph.fixed
    assert torch.equal(graph.program.module()(torch.ones(3, 1, 4, 4, 4))[0], torch.full((3, 1, 4, 4, 4), 3.0))


def test_a_graph_is_in_float32_whatever_autocast_says():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        graph = exported(conv_network(), REQUEST)
    assert graph.program.module()(torch.rand(2, 1, 4, 4, 4))[0].dtype is torch.float32
