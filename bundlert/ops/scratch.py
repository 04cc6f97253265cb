"""Room for what is needed on the way, asked of the system once: fresh memory costs more than the sums made in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

_MOST_ON_CPU, _MOST_ELSEWHERE = 2**21, 2**26  # values at once: a cache's share, for each thread; a GPU's fill


class Scratch:
    """Tensors by name that are used again for each block."""

    def __init__(self, like: Tensor) -> None:
        self._like, self._kept = like, dict[str, Tensor]()

    def __call__(self, name: str, shape: torch.Size | tuple[int, ...]) -> Tensor:
        """A tensor of a shape, with anything in it."""
        room, size = self._kept.get(name), torch.Size(shape).numel()
        if room is None or room.numel() < size:
            room = self._kept[name] = self._like.new_empty(shape)
        return room if room.shape == shape else room.view(-1)[:size].view(shape)


def slabs(shape: Sequence[int], copies: int, device: torch.device) -> Iterator[tuple[slice, int, int]]:
    """Items and rows, from and to, of [M, R, ...] that go through together.

    Args:
        shape: Of all items.
        copies: How many tensors of that size would be needed on the way.
        device: Where they are.
    """
    items, rows = shape[:2]
    row = copies * torch.Size(shape[2:]).numel()
    most = _MOST_ON_CPU * torch.get_num_threads() if device.type == "cpu" else _MOST_ELSEWHERE
    together = max(1, min(items, most // max(1, rows * row)))
    step = rows if together > 1 else max(1, min(rows, most // max(1, row)))
    for item in range(0, items, together):
        for begin in range(0, rows, step):
            yield slice(item, min(item + together, items)), begin, min(begin + step, rows)
