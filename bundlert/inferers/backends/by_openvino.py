"""Networks run by OpenVINO on the CPU."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bundlert.errors import BundlertError
from bundlert.files import atomic, readable
from bundlert.inferers.backends.exported import converting, exported
from bundlert.inferers.backends.few_channels import FewChannels
from bundlert.inferers.backends.packages import require
from bundlert.inferers.backends.runner import Runner, filled
from bundlert.inferers.backends.source import Source

EXTRA = "openvino"
PACKAGES = ("openvino",)
_HINTS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}


def openvino_runner(source: Source, precision: str) -> Runner:
    """A network as an OpenVINO model, compiled for each size of a group; what it gives is a flat tuple.

    Raises:
        BundlertError: The package is missing, or the windows aren't on the CPU.
    """
    if source.request.device.type != "cpu":
        raise BundlertError("openvino computes on the CPU only", got=f"windows on {source.request.device}")
    openvino = _openvino()
    model = source.once("openvino", lambda: _model(openvino, source))
    batch = model.inputs[0].partial_shape[0]
    run = _run(openvino, model, source.request.shape, precision)
    return Runner(filled(run, batch.get_length()) if batch.is_static else run)


def _openvino() -> Any:
    """The package, kept from telling its maker that it is used, which it does by a package of its own."""
    modules: dict[str, Any] = sys.modules
    modules.setdefault("openvino_telemetry", None)  # it can't be imported now
    return require("openvino", extra=EXTRA)


@cache
def _core(openvino: Any) -> Any:
    """The one for all models, kept to the end: of several, the last to go leaves signals a stack that is gone."""
    return openvino.Core()


def _run(openvino: Any, model: Any, shape: Sequence[int], precision: str) -> Callable[[Tensor], tuple[Tensor, ...]]:
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": _HINTS[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
    compiled: dict[int, Any] = {}

    def run(windows: Tensor) -> tuple[Tensor, ...]:
        count = windows.shape[0]
        if count not in compiled:  # a fixed size is a quarter faster than an open one
            sized = model.clone()
            sized.reshape({sized.inputs[0]: [count, *shape]})
            compiled[count] = _core(openvino).compile_model(sized, "CPU", options)
        given = windows.detach().float().contiguous().numpy()
        found = compiled[count]({0: given}, share_inputs=True, share_outputs=True)
        return tuple(torch.from_numpy(found[index]) for index in range(len(model.outputs)))

    return run


def _model(openvino: Any, source: Source) -> Any:
    """The model of the folder if it has one that can be read, else a new one, which is kept there."""
    folder = source.folder
    if folder is not None and readable(folder / "network.xml").is_file():
        with suppress(RuntimeError):
            return _core(openvino).read_model(folder / "network.xml")
    with FewChannels():
        graph = exported(source.network, source.request)
    with converting(source.request.device):
        model = openvino.convert_model(graph.program, share_weights=False)
    model.reshape({model.inputs[0]: [max(source.request.batch, 2) if graph.fixed else -1, *source.request.shape]})
    if folder is not None:
        _keep(openvino, model, folder)
    return model


def _keep(openvino: Any, model: Any, folder: Path) -> None:
    """Both files of a model, the one that is looked for last."""
    with tempfile.TemporaryDirectory() as made:
        openvino.save_model(model, Path(made) / "network.xml", compress_to_fp16=False)
        for name in ("network.bin", "network.xml"):
            with atomic(folder / name) as temporary:
                shutil.copyfile(Path(made) / name, temporary)
