"""Whether a network is still the one that was converted."""

from __future__ import annotations

import hashlib
import inspect
from contextlib import suppress

import torch
from torch import Tensor, nn


def fingerprint(network: nn.Module) -> tuple[tuple[int, ...], ...]:
    """What changes whenever a weight does, quick to make: the place, torch's count of changes, and a sum of each."""
    tensors = [*network.parameters(), *network.buffers()]
    if not tensors:
        return ()
    sums = torch.stack([_sum(tensor).to(tensors[0].device) for tensor in tensors]).tolist()
    return tuple((one.data_ptr(), _changes(one), found) for one, found in zip(tensors, sums, strict=True))


def digest_of(network: nn.Module, *more: object) -> str:
    """SHA-256 of a network's weights, its modules and their source, and whatever else matters; for names of files."""
    digest = hashlib.sha256(repr((str(network), *more)).encode())
    for kind in sorted({type(module) for module in network.modules()}, key=lambda kind: kind.__qualname__):
        digest.update(f"{kind.__module__}.{kind.__qualname__}".encode())
        if not kind.__module__.startswith("torch."):
            with suppress(OSError, TypeError):  # it was typed at a prompt
                digest.update(inspect.getsource(kind).encode())
    for name, tensor in network.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _sum(tensor: Tensor) -> Tensor:
    values = torch.view_as_real(tensor.detach()) if tensor.is_complex() else tensor.detach()
    return torch.hash_tensor(values).view(torch.int64)


def _changes(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version  # noqa: SLF001 (torch documents it nowhere else)
