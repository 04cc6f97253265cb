"""Everything before the first random transform, once, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from bundlert.data.about_item import about_item
from bundlert.data.parcel import packed, unpacked
from bundlert.data.slot import Slot, fill
from bundlert.data.stages import Kept, Stages
from bundlert.transforms.base import Sample, SampleTransform


class MemoryCache:
    """A dataset that keeps what doesn't depend on chance.

    An item is prepared when it is first asked for, so that training begins before all are, or all are at once; each
    once, however many threads ask. Kept images are handed out as they are: no transform changes an image in place.

    Whole numbers, labels for instance, are kept in 1 or 2 bytes and handed out in the dtype that they had. If the first
    random step is a crop of the house, only its crops are widened.

    Args:
        data: Samples, paths in them for instance.
        transform: What is done to a sample. Its steps before the first random one are kept.
        cache_num: How many items are kept at most, the first ones; the others are prepared each time.
        cache_rate: Share of the items that is kept.
        num_workers: Threads that prepare all at once, when the dataset is made; None or 0 to wait until they are asked
            for.
        progress: Whether that is shown.
        dtype: `float16` or `bfloat16`: what other numbers are rounded to where they are kept, as long as none is beyond
            its range; None to keep them as they are. In float16, values in 0..1 are off by at most 0.00025.

    Raises:
        ValueError: A cache_rate outside 0..1, a negative number, or another dtype.
    """

    def __init__(
        self,
        data: Sequence[Sample],
        transform: SampleTransform,
        cache_num: int | None = None,
        cache_rate: float = 1.0,
        num_workers: int | None = None,
        *,
        progress: bool = True,
        dtype: str | None = None,
    ) -> None:
        self.data, self.progress = list(data), progress
        self._stages = Stages(transform, dtype)
        self._slots = [Slot() for _ in range(cached_items(len(self.data), cache_num, cache_rate))]
        if num_workers:
            self.fill(num_workers)

    def __len__(self) -> int:
        return len(self.data)

    @property
    def size_bytes(self) -> int:
        """Memory of the images that are kept by now."""
        return sum(slot.size_bytes for slot in self._slots)

    def fill(self, num_workers: int = 1) -> None:
        """Prepare all items that are to be kept and aren't yet, by so many threads."""
        missing = [index for index, slot in enumerate(self._slots) if slot.kept is None]
        if missing:
            fill([partial(self._prepared, index) for index in missing], num_workers, show=self.progress)

    def share(self, num_workers: int = 1) -> None:
        """Prepare all items, and keep them in memory that other processes can share: one copy for all."""
        self.fill(num_workers)
        self._slots = unpacked(packed(self._slots))

    def sample(self, index: int, rng: np.random.Generator) -> list[Sample]:
        """Item `index`: prepared or remembered, then the random steps."""
        kept = self._prepared(index)
        with about_item(index, self.data[index]):
            return self._stages.finished(kept, rng)

    def prepare(self, index: int) -> list[Kept]:
        """What item `index` becomes before chance comes in, made anew."""
        with about_item(index, self.data[index]):
            return self._stages.prepared(self.data[index])

    def _prepared(self, index: int) -> list[Kept]:
        prepare = partial(self.prepare, index)
        return self._slots[index].get(prepare) if index < len(self._slots) else prepare()


def cached_items(count: int, cache_num: int | None, cache_rate: float) -> int:
    """How many of `count` items are kept.

    Raises:
        ValueError: A cache_rate outside 0..1, or a negative cache_num.
    """
    if not 0 <= cache_rate <= 1:
        raise ValueError(f"cache_rate must be in 0..1, got {cache_rate}")
    if cache_num is not None and cache_num < 0:
        raise ValueError(f"cache_num must be >= 0, got {cache_num}")
    return min(int(count * cache_rate), count if cache_num is None else cache_num)
