"""Ways of running a network: a backend, a precision, a layout in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bundlert.inferers.backends import by_onnxruntime, by_openvino
from bundlert.inferers.backends.by_compile import compiled_runner
from bundlert.inferers.backends.by_eager import convolves, eager_runner
from bundlert.inferers.backends.by_onnxruntime import onnxruntime_runner
from bundlert.inferers.backends.packages import installed
from bundlert.inferers.backends.runner import Runner
from bundlert.inferers.backends.source import Source
from bundlert.inferers.outputs import put_together, shape_of

BACKENDS = ("auto", "eager", "compile", "onnxruntime", "openvino")
_PAIR = 2  # on a CPU what two volumes need stays in the caches more often than what four need


class Way(NamedTuple):
    """A backend with what it is told.

    Attributes:
        backend: One of `BACKENDS`, but `auto`.
        precision: `fp32`, `bf16` or `fp16`.
        channels_last: Whether windows have the channel last in memory.
        most: Windows at once; 0 for as many as are asked for.
    """

    backend: str
    precision: str = "fp32"
    channels_last: bool = False
    most: int = 0

    def __str__(self) -> str:
        layout, group = " channels_last" if self.channels_last else "", f" by {self.most}" if self.most else ""
        return f"{self.backend} {self.precision}{layout}{group}"


def ways_here(source: Source, *, channels_last: bool | None) -> list[Way]:
    """All ways that are worth a try on this machine, eager in float32 first. `compile` takes too long for a try.

    Args:
        source: What is to be run; a shorter precision may be used if it asks for one, float32 always.
        channels_last: Only this layout; None for both.
    """
    request = source.request
    half = [] if request.precision == "fp32" else [request.precision]
    layouts = [False, True] if convolves(source.network, source.dims) else [False]
    layouts = layouts if channels_last is None else [channels_last]
    found = [Way("eager", precision, layout) for precision in ("fp32", *half) for layout in layouts]
    if request.device.type == "cpu" and source.dims == 3 and request.batch > _PAIR:
        found += [Way("eager", precision, layouts[-1], _PAIR) for precision in ("fp32", *half)]
    if installed(*by_onnxruntime.PACKAGES):
        found.append(Way("onnxruntime"))
    if installed(*by_openvino.PACKAGES) and request.device.type == "cpu":
        found += [Way("openvino", precision) for precision in ("fp32", *half)]
    return found


def runner_of(source: Source, way: Way) -> Runner:
    """Make a network ready in some way. Converted ones give flat tuples, which are put together as the network does.

    Raises:
        BundlertError: A package is missing, or can't compute where the windows are.
    """
    backend, precision, channels_last, most = way
    request = source.request
    if backend == "eager":
        runner = eager_runner(
            source.network, source.dims, request.device, precision=precision, channels_last=channels_last
        )
        return replace(runner, most=most)
    if backend == "compile":
        return compiled_runner(source.network, request, channels_last=channels_last)
    flat = by_openvino.openvino_runner(source, precision) if backend == "openvino" else onnxruntime_runner(source)
    like = shape_of(source.output)
    return Runner(lambda windows: put_together(like, flat.run(windows)))
