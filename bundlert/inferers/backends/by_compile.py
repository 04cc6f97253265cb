"""Networks compiled by torch.compile, weights and all; needs a C++ compiler, and a minute."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch._inductor import compile as inductor_compile
from torch._inductor import config
from torch.fx import GraphModule

from bundlert.inferers.backends.few_channels import FewChannels
from bundlert.inferers.backends.runner import Request, Runner, computing_in, filled


def compiled_runner(network: nn.Module, request: Request, *, channels_last: bool) -> Runner:
    """A network in evaluation mode, compiled for one size of windows and groups, its weights laid out for that."""

    def backend(graph: GraphModule, inputs: list[Any]) -> Any:
        # One of its own for each: dynamo gives what equal backends compiled, of weights that were others then.
        return inductor_compile(graph, inputs)

    compiled = torch.compile(network, backend=backend, dynamic=False)

    def run(windows: Tensor) -> Any:
        frozen = config.patch(freezing=True)
        with computing_in(request.precision, request.device), torch.no_grad(), FewChannels(), frozen:
            return compiled(windows)

    return Runner(filled(run, request.batch), channels_last)
