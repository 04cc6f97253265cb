"""Everything before the first random transform, once, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from bundlert.transforms.base import Sample, SampleTransform
from bundlert.transforms.compose import Compose, as_list
from bundlert.transforms.lazy import realized


class MemoryCache:
    """A dataset that keeps what doesn't depend on chance.

    An item is prepared when it is first asked for, so that training begins before all are; each once, however many
    threads ask. Kept images are handed out as they are: no transform changes an image in place.

    Args:
        data: Samples, paths in them for instance.
        transform: What is done to a sample. Its steps before the first random one are kept.
        cache_rate: Share of the items that is kept, the first ones; the others are prepared each time.

    Raises:
        ValueError: A cache_rate outside 0..1.
    """

    def __init__(self, data: Sequence[Sample], transform: SampleTransform, cache_rate: float = 1.0) -> None:
        if not 0 <= cache_rate <= 1:
            raise ValueError(f"cache_rate must be in 0..1, got {cache_rate}")
        self.data = list(data)
        self._fixed, self._chance = Compose([transform]).split()
        self._kept: list[list[Sample] | None] = [None] * int(len(self.data) * cache_rate)
        self._locks = [Lock() for _ in self._kept]

    def __len__(self) -> int:
        return len(self.data)

    def sample(self, index: int, rng: np.random.Generator) -> list[Sample]:
        """Item `index`: prepared or remembered, then the random steps."""
        return [made for fixed in self._prepared(index) for made in as_list(self._chance(fixed, rng))]

    def _prepared(self, index: int) -> list[Sample]:
        if index >= len(self._kept):
            return self._prepare(index)
        with self._locks[index]:
            kept = self._kept[index]
            if kept is None:
                kept = self._kept[index] = self._prepare(index)
            return kept

    def _prepare(self, index: int) -> list[Sample]:
        return [realized(sample) for sample in as_list(self._fixed(self.data[index]))]
