import pytest
import torch
from inferers.tiny import conv_network
from torch import nn

from bundlert.inferers.backends.by_eager import convolves, eager_runner

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("dims", "precision", "least"), [(3, None, 2), (3, "fp32", 2), (3, "bf16", 1), (2, None, 1), (1, None, 1)]
)
def test_only_volumes_in_float32_want_to_be_two(dims, precision, least):
    sizes = []
    runner = eager_runner(
        lambda windows: sizes.append(len(windows)) or (windows, [windows]),
        dims,
        CPU,
        precision=precision,
        channels_last=False,
    )
    window = torch.rand(1, 1, *[4] * dims)
    one, (two,) = runner.run(window)
    assert runner.least == least
    assert sizes == [least]
    assert torch.equal(one, window)
    assert torch.equal(two, window)


def test_the_network_computes_in_the_precision():
    network, windows = conv_network(), torch.rand(2, 1, 8, 8, 8)
    for precision, dtype in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        assert eager_runner(network, 3, CPU, precision=precision, channels_last=True).run(windows).dtype is dtype


def test_upsampling_to_a_few_channels_gives_what_the_network_gives():
    network, windows = nn.ConvTranspose3d(3, 2, 3, 2, 1, 1), torch.rand(2, 3, 4, 5, 6)
    runner = eager_runner(network, 3, CPU, precision="fp32", channels_last=False)
    torch.testing.assert_close(runner.run(windows), network(windows))


@pytest.mark.parametrize(
    ("network", "dims", "found"),
    [
        (nn.Conv3d(1, 1, 1), 3, True),
        (nn.Conv2d(1, 1, 1), 2, True),
        (nn.Conv2d(1, 1, 1), 3, False),
        (nn.Conv1d(1, 1, 1), 1, False),
        (nn.Linear(1, 1), 3, False),
        (lambda windows: windows, 3, False),
    ],
)
def test_a_network_of_convolutions_is_known(network, dims, found):
    assert convolves(network, dims) == found
