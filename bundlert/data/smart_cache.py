"""A cache for more items than memory holds: a window of them, which moves on from epoch to epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Thread, current_thread
from typing import Any, NoReturn
from weakref import finalize

import numpy as np

from bundlert.data.about_item import about_item
from bundlert.data.memory_cache import cached_items
from bundlert.data.slot import Slot, fill
from bundlert.data.stages import Kept, Stages
from bundlert.ops.threads import compute_alone
from bundlert.progress import say
from bundlert.transforms.base import Sample, SampleTransform


class SmartCache:
    """A dataset of as many items as are kept; in each epoch some leave it, and others take their place.

    Of M items, mixed once, N are kept, and each epoch replaces R = min(ceil(N replace_rate), M - N) of them: epoch e
    (from 1) has those at the places (e - 1) R ... (e - 1) R + N - 1, counted around the end, and one place further each
    time that this comes round. So in M epochs each item is seen N times. Which they are depends on the seed and the
    epoch alone, after a resume too. While an epoch runs, threads in the background prepare what is new in the next one;
    so about N + R are in memory at most.

    Serves threads of one process, one epoch at a time: the `Loader` tells it which one.

    Args:
        data: Samples, paths in them for instance.
        transform: What is done to a sample. Its steps before the first random one are kept.
        replace_rate: Share of the kept items that is replaced in each epoch.
        cache_num: How many items are kept at most.
        cache_rate: Share of the items that is kept.
        num_init_workers: Threads that prepare all of the first epoch at once, when the dataset is made; None or 0 to
            wait until they are asked for.
        num_replace_workers: Threads that prepare those for the next epoch.
        progress: Whether the work of `num_init_workers` is shown.
        shuffle: Whether the items are mixed.
        seed: Decides how they are mixed.
        dtype: `float16` or `bfloat16`: what numbers are rounded to where they are kept, as in `MemoryCache`.

    Raises:
        ValueError: Nothing is kept, or a rate or number out of its range.
    """

    def __init__(
        self,
        data: Sequence[Sample],
        transform: SampleTransform,
        replace_rate: float,
        cache_num: int | None = None,
        cache_rate: float = 1.0,
        *,
        num_init_workers: int | None = None,
        num_replace_workers: int = 1,
        progress: bool = True,
        shuffle: bool = True,
        seed: int = 0,
        dtype: str | None = None,
    ) -> None:
        self.data = list(data)
        self._count = cached_items(len(self.data), cache_num, cache_rate)
        if self._count < 1 or not 0 < replace_rate <= 1 or num_replace_workers < 1:
            found = f"{self._count} of {len(self.data)}, {replace_rate} and {num_replace_workers}"
            raise ValueError(
                f"items to keep and num_replace_workers must be >= 1, replace_rate above 0 and <= 1, got {found}"
            )
        self.replaced = min(math.ceil(self._count * replace_rate), len(self.data) - self._count)
        if self.replaced == 0:
            say(f"all {len(self.data)} items are kept, so none is replaced: MemoryCache is enough")
        mixed = np.random.default_rng(seed).permutation(len(self.data)).tolist()
        self._order = mixed if shuffle else list(range(len(self.data)))
        self._stages = Stages(transform, dtype)
        self._members = self.members(1)
        self._slots = {item: Slot() for item in self._members}
        self._ahead = _Ahead(num_replace_workers)
        finalize(self, self._ahead.stop)
        if num_init_workers:
            fill([self._job(item) for item in self._members], num_init_workers, show=progress)

    def __len__(self) -> int:
        return self._count

    @property
    def size_bytes(self) -> int:
        """Memory of the images that are kept by now."""
        return sum(slot.size_bytes for slot in self._slots.values())

    def members(self, epoch: int) -> list[int]:
        """The items of an epoch, as indices of `data`, in the order of the dataset."""
        total, step = len(self._order), self.replaced
        # Windows come round after total / shared epochs; one place further then, no item is seen less than others.
        shared = math.gcd(step, total)
        first = (epoch - 1) * step + ((epoch - 1) * shared // total) % shared if step else 0
        return [self._order[(first + place) % total] for place in range(self._count)]

    def set_epoch(self, epoch: int) -> None:
        """Begin an epoch: forget what isn't in it, and prepare in the background what is new in the next one."""
        self._ahead.stop()
        self._members, following = self.members(epoch), self.members(epoch + 1)
        self._slots = {item: self._slots.get(item) or Slot() for item in {*self._members, *following}}
        self._ahead.start([self._job(item) for item in following if item not in set(self._members)])

    def sample(self, index: int, rng: np.random.Generator) -> list[Sample]:
        """Item `index` of the epoch: prepared or remembered, then the random steps."""
        item = self._members[index]
        kept = self._job(item)()
        with about_item(item, self.data[item]):
            return self._stages.finished(kept, rng)

    def _job(self, item: int) -> Callable[[], list[Kept]]:
        """What prepares an item, if nobody has; it keeps nothing else of this dataset alive."""
        return partial(self._slots[item].get, partial(_prepared, self._stages, item, self.data[item]))

    def __getstate__(self) -> NoReturn:
        raise TypeError(f"a SmartCache of {len(self.data)} items can't leave its process")


class _Ahead:
    """Threads that do jobs until they are stopped."""

    def __init__(self, count: int) -> None:
        self._count, self._threads, self._stopped = count, list[Thread](), Event()

    def start(self, jobs: Sequence[Callable[[], object]]) -> None:
        """Begin to do jobs, in their order."""
        self._stopped, waiting = Event(), SimpleQueue[Callable[[], object]]()
        for job in jobs:
            waiting.put(job)
        # Daemons: the end of the process doesn't wait for jobs that nobody needs; `finalize` stops them before.
        options: dict[str, Any] = {"args": (waiting, self._stopped), "name": "smart-cache", "daemon": True}
        self._threads = [Thread(target=_work, **options) for _ in range(min(self._count, len(jobs)))]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads, after the jobs that they are at."""
        self._stopped.set()
        for thread in self._threads:
            if thread is not current_thread():  # which may be where a forgotten dataset is finalized
                thread.join()
        self._threads = []


def _work(waiting: SimpleQueue[Callable[[], object]], stopped: Event) -> None:
    compute_alone()
    while not stopped.is_set():
        try:
            job = waiting.get_nowait()
        except Empty:
            return
        with suppress(Exception):  # whoever asks for the item tries again, and is told what is wrong with it
            job()


def _prepared(stages: Stages, index: int, item: Sample) -> list[Kept]:
    with about_item(index, item):
        return stages.prepared(item)
