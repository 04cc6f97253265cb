import pytest
import torch
from inferers.tiny import Two, conv_network

from bundlert.inferers.backends.by_compile import compiled_runner
from bundlert.inferers.backends.runner import Request
from bundlert.inferers.sliding_window import SlidingWindowInferer


def test_the_compiled_network_always_gets_groups_of_one_size(monkeypatch):
    sizes = []

    def compiled(network, *, backend, dynamic):
        assert not dynamic
        return lambda windows: sizes.append(len(windows)) or network(windows)

    monkeypatch.setattr(torch, "compile", compiled)
    network, windows = conv_network(), torch.rand(2, 1, 4, 4, 4)
    runner = compiled_runner(network, Request((1, 4, 4, 4), 3, "fp32", torch.device("cpu")), channels_last=True)
    with torch.inference_mode():
        torch.testing.assert_close(runner.run(windows), network(windows), atol=1e-6, rtol=1e-5)
    assert sizes == [3]
    assert runner.channels_last


@pytest.mark.slow
def test_a_compiled_network_gives_the_same_and_follows_its_weights():
    network, image = Two().eval(), torch.rand(1, 1, 8, 8, 20)
    compiled, plain = (SlidingWindowInferer((8, 8, 8), 2, backend=backend) for backend in ("compile", "eager"))
    for _ in range(2):
        with torch.inference_mode():
            torch.testing.assert_close(compiled(network, image), plain(network, image), atol=1e-5, rtol=1e-5)
        with torch.no_grad():
            network.layers[0].weight.mul_(2)
