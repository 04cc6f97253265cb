"""Networks made ready for windows, the last few of them kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from bundlert.inferers.backends.by_eager import convolves, eager_runner
from bundlert.inferers.backends.choosing import chosen, tried
from bundlert.inferers.backends.runner import DTYPES, Request, Runner, precision_around
from bundlert.inferers.backends.source import Source
from bundlert.inferers.backends.ways import BACKENDS, Way
from bundlert.inferers.backends.weights_digest import digest_of, fingerprint
from bundlert.progress import say

_KEPT = 4
_FP32_ONLY = ("onnxruntime",)


class Settings(NamedTuple):
    """How networks are to be run.

    Attributes:
        backend: One of `BACKENDS`.
        precision: `fp32`, `bf16` or `fp16`; None for what autocast says around the call, else `fp32`.
        channels_last: Whether windows have the channel last in memory; None for where it is faster.
        cache_dir: Where what was converted or measured is kept; None for nowhere.
    """

    backend: str = "eager"
    precision: str | None = None
    channels_last: bool | None = None
    cache_dir: Path | None = None


def checked(settings: Settings) -> Settings:
    """The settings.

    Raises:
        ValueError: There is no such backend or precision, or not both together.
    """
    backend, precision = settings.backend, settings.precision
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got '{backend}'")
    if precision is not None and precision not in DTYPES:
        raise ValueError(f"precision must be one of {', '.join(DTYPES)}, got '{precision}'")
    if backend in _FP32_ONLY and precision not in (None, "fp32"):
        raise ValueError(f"{backend} computes in fp32 only, got precision '{precision}'")
    return settings


class Prepared:
    """Networks made ready by some settings. A network whose weights changed is made ready again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = checked(settings)
        self._ways: dict[Any, Way] = {}
        self._kept: OrderedDict[Any, tuple[nn.Module, Runner]] = OrderedDict()

    def runner(
        self, network: Callable[[Tensor], Any], shape: tuple[int, ...], batch: int, device: torch.device
    ) -> Runner:
        """A network ready for windows of a shape [C, *R], so many at once.

        Raises:
            BundlertError: The backend isn't installed, can't run this network, or gives something else in float32.
            ValueError: A backend other than `eager` and `auto` is to run what isn't a network, or one in training.
        """
        backend, precision, channels_last, _ = self._settings
        usable = isinstance(network, nn.Module) and not network.training
        if backend == "eager" or (backend == "auto" and not usable):
            layout = convolves(network, len(shape) - 1) if channels_last is None else channels_last
            return eager_runner(network, len(shape) - 1, device, precision=precision, channels_last=layout)
        if not isinstance(network, nn.Module) or not usable:
            state = "in training" if isinstance(network, nn.Module) else f"a {type(network).__name__}"
            raise ValueError(f"backend {backend} runs networks in evaluation mode, got one that is {state}")
        wanted = "fp32" if backend in _FP32_ONLY else precision or precision_around(device)
        request = Request(shape, batch, wanted, device)
        return self._from_kept((id(network), fingerprint(network), request, torch.get_num_threads()), network, request)

    def _from_kept(self, key: Any, network: nn.Module, request: Request) -> Runner:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        with torch.no_grad():
            runner = self._made(network, request)
        self._kept[key] = network, runner  # the network too: another one may get its `id` otherwise
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return runner

    def _made(self, network: nn.Module, request: Request) -> Runner:
        backend, _, channels_last, cache = self._settings
        folder = None
        if cache is not None and backend != "compile":
            folder = cache / digest_of(network, request.shape, torch.__version__)
        source = Source(network, request, folder)
        if backend == "auto":
            mark = id(network), request
            best = chosen(source, known=self._ways.get(mark), channels_last=channels_last)
            self._ways[mark] = best.way
            return best.runner
        layout = convolves(network, len(request.shape) - 1) if channels_last is None else channels_last
        way = Way(backend, request.precision, layout and backend == "compile")
        found = tried(source, way)
        say(f"inference by {way}: {found.agreement}")
        return found.runner
