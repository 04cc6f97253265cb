"""Which way of running a network is the fastest here: measured, and remembered."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from bundlert.errors import BundlertError
from bundlert.files import readable, write_text
from bundlert.inferers.backends.agreement import Agreement, agreement
from bundlert.inferers.backends.runner import Request, Runner, random_windows
from bundlert.inferers.backends.source import Source
from bundlert.inferers.backends.ways import Way, runner_of, ways_here
from bundlert.inferers.outputs import parts_of
from bundlert.progress import say

REPETITIONS = 3
_PACKAGES = ("torch", "onnxruntime", "openvino")


class Tried(NamedTuple):
    """A network made ready in some way, beside how it agrees with itself run by torch."""

    way: Way
    runner: Runner
    agreement: Agreement


def tried(source: Source, way: Way) -> Tried:
    """Make a network ready and compare it with itself run by torch.

    Raises:
        BundlertError: The way can't run this network here, or gives something else.
    """
    expected, folder = parts_of(source.output), source.folder
    try:
        runner = runner_of(source, way)
        found = agreement(parts_of(runner.run(_laid_out(source.windows, runner))), expected)
    except BundlertError:
        raise
    except Exception as error:
        raise BundlertError(
            f"{way} can't run this network here",
            got=f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}",
            hint="backend=eager",
        ) from error
    if not found.close(way.precision):
        raise BundlertError(
            f"{way} gives something else than the network itself",
            got=str(found),
            expected=f"a difference of {found.allowed:.0e} at most" if way.precision == "fp32" else "numbers",
            hint=f"backend=eager, or delete '{folder}'" if folder else "backend=eager",
        )
    return Tried(way, runner, found)


def chosen(source: Source, *, known: Way | None = None, channels_last: bool | None = None) -> Tried:
    """The fastest way that agrees, told by `say`; with a folder, measured once for each network, machine and batch.

    Args:
        source: The network; the precision that it asks for is the shortest that may be chosen.
        known: What was chosen for this network when it had other weights.
        channels_last: Only this layout; None for both.
    """
    ways = ways_here(source, channels_last=channels_last)
    file = source.folder / f"choice-{_machine(source.request, ways)}.json" if source.folder else None
    known = known if known in ways else _remembered(file, ways)
    if known is not None:
        try:
            found = tried(source, known)
        except BundlertError as error:
            say(f"inference by {known}, as chosen before, doesn't work any more: {error.what}")
        else:
            say(f"inference by {known}, as chosen before: {found.agreement}")
            return found
    ready: dict[Way, Tried] = {}
    for way in ways:
        try:
            ready[way] = tried(source, way)
        except BundlertError as error:
            if way == ways[0]:
                raise
            say(f"inference by {way} is left out: {error.what} ({error.got})")
    seconds = _seconds(ready, source.request)
    best = min(seconds, key=lambda way: seconds[way])
    say(_told(best, ready[best].agreement, seconds))
    if file is not None:
        write_text(file, json.dumps({"way": best, "seconds": {str(way): one for way, one in seconds.items()}}) + "\n")
    return ready[best]


def _seconds(ready: Mapping[Way, Tried], request: Request) -> dict[Way, float]:
    """The least seconds a window of each, taking turns."""
    seconds = dict.fromkeys(ready, float("inf"))
    for _ in range(REPETITIONS):
        for way, one in ready.items():
            count = one.runner.group(request.batch)
            windows = _laid_out(random_windows(request._replace(batch=count)), one.runner)
            taken = _timed(partial(one.runner.run, windows), request.device) / count
            seconds[way] = min(seconds[way], taken)
    return seconds


def _timed(work: Callable[[], Any], device: torch.device) -> float:
    begun = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - begun


def _laid_out(windows: Tensor, runner: Runner) -> Tensor:
    if not runner.channels_last:
        return windows
    layout = torch.channels_last if windows.ndim == 4 else torch.channels_last_3d
    return torch.empty_like(windows, memory_format=layout).copy_(windows)


def _told(best: Way, found: Agreement, seconds: Mapping[Way, float]) -> str:
    others = ", ".join(f"{way} {one:.3g}" for way, one in seconds.items() if way != best)
    text = f"inference by {best}: {seconds[best]:.3g} s a window"
    return f"{text} ({others}); {found}" if others else f"{text}; {found}"


def _machine(request: Request, ways: list[Way]) -> str:
    """Digits for all that a choice depends on, beside the network."""
    processor = platform.processor() or platform.machine()
    if (listed := Path("/proc/cpuinfo")).is_file():
        lines = listed.read_text(encoding="utf-8", errors="replace").splitlines()
        processor = next((line for line in lines if line.startswith("model name")), processor)
    if request.device.type == "cuda":
        processor = torch.cuda.get_device_name(request.device)
    parts = (processor, torch.get_num_threads(), request, ways, *(_version(package) for package in _PACKAGES))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _remembered(file: Path | None, ways: list[Way]) -> Way | None:
    if file is None or not readable(file).is_file():
        return None
    try:
        way = Way(*json.loads(file.read_text(encoding="utf-8"))["way"])
    except (ValueError, KeyError, TypeError):
        return None
    return way if way in ways else None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
