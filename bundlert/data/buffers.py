"""Memory for batches, used again once nobody looks at it any more.

A batch of crops is large enough that the system gives fresh memory for it, page by page: twice the time of the copy
itself. Used again, its pages are there already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import prod
from weakref import finalize

import numpy as np
import torch
from torch import Tensor

_SPARE = 0.25


class Buffers:
    """Gives memory for tensors on the CPU.

    Args:
        most: How many pieces are kept for later at most.
        pinned: Whether a GPU can copy from it by itself; torch keeps such memory for later on its own.
    """

    def __init__(self, most: int = 8, *, pinned: bool = False) -> None:
        self.pinned = pinned
        self._free: deque[np.ndarray[tuple[int], np.dtype[np.uint8]]] = deque(maxlen=most)

    def empty(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """A tensor in C order, of no particular values. Its memory is its own until it and all views of it are gone."""
        size = prod(shape) * dtype.itemsize
        if self.pinned or size == 0:
            return torch.empty(tuple(shape), dtype=dtype, pin_memory=self.pinned)
        raw = self._found(size)
        if raw is None:
            raw = torch.empty(size, dtype=torch.uint8).numpy()
        lent = raw[:size].view()  # torch holds on to it as long as to the memory: when it goes, the memory is free
        returning = finalize(lent, self._free.append, raw)
        returning.atexit = False
        return torch.from_numpy(lent).view(dtype).view(tuple(shape))

    def _found(self, size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]] | None:
        """A free piece of at least this size, and not of much more."""
        for _ in range(len(self._free)):
            try:
                raw = self._free.popleft()
            except IndexError:  # another thread was faster
                return None
            if size <= raw.nbytes <= size * (1 + _SPARE):
                return raw
            self._free.append(raw)
        return None
