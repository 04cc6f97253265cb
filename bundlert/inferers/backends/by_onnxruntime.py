"""Networks run by ONNX Runtime, in float32."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor

from bundlert.errors import BundlertError
from bundlert.files import atomic, readable
from bundlert.inferers.backends.exported import converting, exported
from bundlert.inferers.backends.packages import require
from bundlert.inferers.backends.runner import Runner, filled
from bundlert.inferers.backends.source import Source

EXTRA = "onnxruntime"
PACKAGES = ("onnxruntime", "onnx", "onnxscript")
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_ERRORS_ONLY = 3


def onnxruntime_runner(source: Source) -> Runner:
    """A network as an ONNX model; what it gives is a flat tuple.

    Raises:
        BundlertError: A package is missing, or ONNX Runtime can't compute where the windows are.
    """
    runtime = require("onnxruntime", extra=EXTRA)
    device = source.request.device
    if _PROVIDERS.get(device.type) not in runtime.get_available_providers():
        raise BundlertError(
            f"onnxruntime can't compute on {device}", got=f"providers {runtime.get_available_providers()}"
        )
    session = _session(runtime, source)
    (entry,) = session.get_inputs()
    run = _run(session, entry.name, device)
    batch = entry.shape[0]
    return Runner(filled(run, batch) if isinstance(batch, int) else run)


def _run(session: Any, name: str, device: torch.device) -> Callable[[Tensor], tuple[Tensor, ...]]:
    def run(windows: Tensor) -> tuple[Tensor, ...]:
        found = session.run(None, {name: windows.detach().float().cpu().contiguous().numpy()})
        return tuple(torch.from_numpy(one).to(device) for one in found)

    return run


def _session(runtime: Any, source: Source) -> Any:
    """The model of the folder if it has one that can be read, else a new one, which is kept there."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = _ERRORS_ONLY
    opened = partial(runtime.InferenceSession, sess_options=options, providers=[_PROVIDERS[source.request.device.type]])
    file = source.folder / "network.onnx" if source.folder else None
    if file is not None and readable(file).is_file():
        with suppress(Exception):  # the package's own kinds, that stand nowhere in public
            return opened(file.read_bytes())
    model = _converted(source)
    if file is not None:
        with atomic(file) as temporary:
            temporary.write_bytes(model)
    return opened(model)


def _converted(source: Source) -> bytes:
    """A network as an ONNX file."""
    for package in PACKAGES[1:]:
        require(package, extra=EXTRA)
    graph = exported(source.network, source.request).program
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with converting(source.request.device):
            converted: Any = torch.onnx.export(graph, dynamo=True, verbose=False)
            model: bytes = converted.model_proto.SerializeToString()
    finally:
        log.setLevel(level)
    return model
