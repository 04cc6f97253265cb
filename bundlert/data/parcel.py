"""Values on their way to another process: their tensors lie in one piece of shared memory."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from multiprocessing.reduction import ForkingPickler
from threading import local
from typing import Any
from weakref import WeakSet

import torch
import torch.multiprocessing  # how tensors in shared memory are handed over
from torch import Tensor

_ALIGNED = 64
_arriving = local()
# Not `Tensor.is_shared`: a file mapped for this process alone counts as shared there.
_shared = WeakSet[torch.UntypedStorage]()


@dataclass(frozen=True)
class Parcel:
    """What `packed` made.

    Attributes:
        content: The values without their voxels. Only this program's own processes give and take it.
        memory: The voxels, in shared memory.
        shared: Tensors that came out of another parcel.
    """

    content: bytes
    memory: Tensor
    shared: list[Tensor]


def packed(value: Any) -> Parcel:
    """A value for another process.

    Tensors on the CPU are copied, once, into shared memory; those that came out of a parcel go as they are.

    Raises:
        TypeError, AttributeError: Something in it can't leave the process.
    """
    writing = BytesIO()
    packer = _Packer(writing)
    packer.dump(value)
    memory = torch.empty(0, dtype=torch.uint8)
    if packer.size:
        # as torch's own loader does; `share_memory_` would first fill other memory
        memory.set_(torch.UntypedStorage._new_shared(packer.size))  # type: ignore[no-untyped-call]  # noqa: SLF001
    for tensor, place in packer.tensors:
        _view(memory, place, tensor.dtype, tuple(tensor.shape)).copy_(tensor)
    return Parcel(writing.getvalue(), memory, packer.shared)


def unpacked(parcel: Parcel) -> Any:
    """The value; its tensors share the parcel's memory, which lives as long as they do."""
    _arriving.parcel = parcel
    _shared.update(tensor.untyped_storage() for tensor in (parcel.memory, *parcel.shared))
    try:
        return ForkingPickler.loads(parcel.content)
    finally:
        del _arriving.parcel


class _Packer(ForkingPickler):
    """Lays tensors aside, and writes where they will lie."""

    def __init__(self, file: BytesIO) -> None:
        super().__init__(file)
        self.tensors: list[tuple[Tensor, int]] = []
        self.shared: list[Tensor] = []
        self.size = 0

    def reducer_override(self, value: Any) -> Any:
        """Write a tensor as its place."""
        if type(value) is not Tensor or value.device.type != "cpu" or value.layout != torch.strided:
            return NotImplemented
        if value.requires_grad or value.is_quantized or value.numel() == 0:
            return NotImplemented
        if value.untyped_storage() in _shared:
            self.shared.append(value)
            return _arrived_as_it_was, (len(self.shared) - 1,)
        place, self.size = self.size, self.size + -(-value.nbytes // _ALIGNED) * _ALIGNED
        self.tensors.append((value, place))
        return _arrived, (place, value.dtype, tuple(value.shape))


def _arrived(place: int, dtype: torch.dtype, shape: tuple[int, ...]) -> Tensor:
    return _view(_arriving.parcel.memory, place, dtype, shape)


def _arrived_as_it_was(number: int) -> Any:
    return _arriving.parcel.shared[number]


def _view(memory: Tensor, place: int, dtype: torch.dtype, shape: tuple[int, ...]) -> Tensor:
    strides = torch.empty(shape, device="meta").stride()
    return torch.empty(0, dtype=dtype).set_(memory.untyped_storage(), place // dtype.itemsize, shape, strides)
