"""Mixed precision. Nothing else knows of it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

_DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


class Precision:
    """How numbers are kept while training; by default as they are."""

    def forward(self) -> AbstractContextManager[Any]:
        """What surrounds the forward pass."""
        return nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Make gradients."""
        torch.autograd.backward(loss)

    def step(self, optimizer: Optimizer) -> None:
        """Use gradients."""
        optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint must keep."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""


class Autocast(Precision):
    """The forward pass in a shorter type; gradients of float16 are scaled so that they don't vanish."""

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self._device, self._dtype = device, dtype
        self._scaler = torch.amp.GradScaler(device.type, enabled=dtype is torch.float16)

    def forward(self) -> AbstractContextManager[Any]:
        """Autocast."""
        return torch.autocast(self._device.type, dtype=self._dtype)

    def backward(self, loss: Tensor) -> None:
        """Make scaled gradients."""
        torch.autograd.backward(self._scaler.scale(loss))

    def step(self, optimizer: Optimizer) -> None:
        """Use gradients, unless they overflowed."""
        self._scaler.step(optimizer)
        self._scaler.update()

    def state_dict(self) -> dict[str, Any]:
        """The scale."""
        return self._scaler.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with the scale of a checkpoint."""
        if state:
            self._scaler.load_state_dict(state)


def make_precision(amp: bool | str, device: torch.device) -> Precision:
    """The precision that `amp` names: false, true (fp16 on CUDA, bf16 elsewhere), `fp16` or `bf16`.

    Raises:
        ValueError: Another name.
    """
    if amp is False:
        return Precision()
    name = ("fp16" if device.type == "cuda" else "bf16") if amp is True else amp
    if name not in _DTYPES:
        raise ValueError(f"amp must be true, false, {' or '.join(_DTYPES)}, got '{amp}'")
    return Autocast(device, _DTYPES[name])
