"""Networks run by torch as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from bundlert.inferers.backends.few_channels import FewChannels
from bundlert.inferers.backends.runner import Runner, computing_in, precision_around
from bundlert.inferers.outputs import changed


def eager_runner(
    network: Callable[[Tensor], Any], dims: int, device: torch.device, *, precision: str | None, channels_last: bool
) -> Runner:
    """A network as it is.

    On a CPU and in float32 it never gets one 3-D window alone: torch's convolution for one is 4 to 7 times slower.

    Args:
        network: A module or any function.
        dims: Axes of a window.
        device: Where windows are.
        precision: `fp32`, `bf16`, `fp16`; None for that of the caller.
        channels_last: Whether windows have the channel last in memory.
    """
    least = 2 if dims == 3 and device.type == "cpu" and (precision or precision_around(device)) == "fp32" else 1

    def run(windows: Tensor) -> Any:
        with computing_in(precision, device), FewChannels():
            if windows.shape[0] >= least:
                return network(windows)
            return changed(network(torch.cat([windows, windows])), lambda part: part[:1])

    return Runner(run, channels_last, least)


def convolves(network: Any, dims: int) -> bool:
    """Whether a network has convolutions of 2-D or 3-D windows, which are fastest with the channel last in memory."""
    if dims not in (2, 3) or not isinstance(network, nn.Module):
        return False
    return any(parameter.ndim == dims + 2 for parameter in network.parameters())
