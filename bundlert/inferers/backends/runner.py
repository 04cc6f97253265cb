"""What all backends make of a network: a function of windows, and how it wants them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from bundlert.inferers.outputs import changed

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Request(NamedTuple):
    """What windows a network is made ready for.

    Attributes:
        shape: Channels and size of a window.
        batch: Most windows at once.
        precision: `fp32`, `bf16` or `fp16`: the shortest type that is allowed.
        device: Where windows are.
    """

    shape: tuple[int, ...]
    batch: int
    precision: str
    device: torch.device


@dataclass(frozen=True)
class Runner:
    """A network that is ready for windows.

    Attributes:
        run: Windows [N, C, *R] -> what the network gives for them; valid until the next call.
        channels_last: Whether windows should have the channel last in memory.
        least: How many windows it wants at once at least, where there are so many.
        most: How many at most; 0 for as many as there may be.
    """

    run: Callable[[Tensor], Any]
    channels_last: bool = False
    least: int = 1
    most: int = 0

    def group(self, batch: int) -> int:
        """How many windows it should get at once, where the user allows `batch`."""
        wanted = max(batch, self.least)
        return min(wanted, self.most) if self.most else wanted


def computing_in(precision: str | None, device: torch.device) -> AbstractContextManager[Any]:
    """What surrounds a network so that it computes in a precision; None leaves it as it is."""
    if precision is None:
        return nullcontext()
    return torch.autocast(device.type, dtype=DTYPES[precision], enabled=True) if precision != "fp32" else _plain(device)


def precision_around(device: torch.device) -> str:
    """The precision that surrounds the caller: that of autocast, else `fp32`."""
    if not torch.is_autocast_enabled(device.type):
        return "fp32"
    dtype = torch.get_autocast_dtype(device.type)
    return next((name for name, one in DTYPES.items() if one is dtype), "fp32")


def filled(run: Callable[[Tensor], Any], batch: int) -> Callable[[Tensor], Any]:
    """A function of `batch` windows as one of fewer: the last is repeated, what it gives is cut off."""

    def run_filled(windows: Tensor) -> Any:
        count = windows.shape[0]
        if count == batch:
            return run(windows)
        whole = torch.cat([windows, windows[-1:].expand(batch - count, *windows.shape[1:])])
        return changed(run(whole), lambda part: part[:count])

    return run_filled


def random_windows(request: Request) -> Tensor:
    """Windows of noise, the same each time: [batch, *shape]."""
    chance = torch.Generator().manual_seed(0)
    return torch.randn((request.batch, *request.shape), generator=chance).to(request.device)


def _plain(device: torch.device) -> AbstractContextManager[Any]:
    return torch.autocast(device.type, enabled=False)
