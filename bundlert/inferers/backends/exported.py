"""A network as a graph, which other runtimes can read."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from bundlert.inferers.backends.runner import Request, computing_in, random_windows
from bundlert.inferers.outputs import parts_of

_MOST_WINDOWS = 1 << 16


class Graph(NamedTuple):
    """A network's graph.

    Attributes:
        program: Windows -> the tensors that the network gives, in a flat tuple.
        fixed: Whether it takes `batch` windows only: it isn't a network of each window for itself.
    """

    program: ExportedProgram
    fixed: bool


class _Flat(nn.Module):
    """A network that gives a flat tuple of tensors."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, windows: Tensor) -> tuple[Tensor, ...]:
        return tuple(parts_of(self.network(windows)))


def exported(network: nn.Module, request: Request) -> Graph:
    """The graph of a network for windows of one size, as many at once as one likes if the network allows it."""
    request = request._replace(batch=max(request.batch, 2))  # one would be taken for a constant
    with converting(request.device):
        if any(parameter.is_inference() for parameter in network.parameters()):
            network = copy.deepcopy(network)  # as made outside of inference mode, which is where it is exported
        flat = _Flat(network).eval()
        windows, fixed = random_windows(request), False
        try:
            any_number = ({0: Dim("batch", min=1, max=_MOST_WINDOWS)},)
            program = torch.export.export(flat, (windows,), dynamic_shapes=any_number)
        except Exception:  # noqa: BLE001 (torch has many words for: the number of windows is built in)
            program, fixed = torch.export.export(flat, (windows,)), True
        for name, tensor in program.state_dict.items():  # what is converted may share memory with it
            copied = tensor.detach().clone()
            program.state_dict[name] = nn.Parameter(copied) if isinstance(tensor, nn.Parameter) else copied
        return Graph(program, fixed)


@contextmanager
def converting(device: torch.device) -> Iterator[None]:
    """What surrounds a conversion: nothing that the caller set; no warnings, which are about the converters' code."""
    with warnings.catch_warnings(), torch.inference_mode(mode=False), torch.no_grad(), computing_in("fp32", device):
        warnings.simplefilter("ignore")
        yield
