"""Batches of a stream, prepared ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice

import torch

from bundlert.data.buffers import Buffers
from bundlert.data.collate import Batch, collate
from bundlert.data.iterable_dataset import IterableDataset
from bundlert.data.loader import finished
from bundlert.data.shards import check_rank
from bundlert.data.worker_threads import worker_threads
from bundlert.errors import DataError
from bundlert.transforms.base import Sample


class StreamLoader:
    """Batches of an `IterableDataset`: the same each time an epoch is asked for, with any number of workers.

    Where several processes share the work, each has a loader with its `rank`, and gets each `world_size`-th sample.

    Args:
        dataset: What is served, one run through an epoch.
        batch_size: Items of the source in a batch; an item may give several samples.
        epoch_length: Batches in an epoch, at most: where the source ends sooner, so does the epoch.
        num_workers: Threads that prepare samples; 0 counts as 1.
        prefetch: Batches that are prepared ahead.
        rank: Which of the processes that share the work this is, from 0.
        world_size: How many share it.
        pin_memory: Whether batches lie where a GPU can copy them from by itself; if there is a GPU, if None.

    Raises:
        ValueError: A number below 1, or no such rank.
    """

    def __init__(
        self,
        dataset: IterableDataset,
        batch_size: int = 1,
        *,
        epoch_length: int,
        num_workers: int = 2,
        prefetch: int = 2,
        rank: int = 0,
        world_size: int = 1,
        pin_memory: bool | None = None,
    ) -> None:
        if min(batch_size, epoch_length, prefetch) < 1:
            found = f"{batch_size}, {epoch_length} and {prefetch}"
            raise ValueError(f"batch_size, epoch_length and prefetch must be >= 1, got {found}")
        check_rank(rank, world_size)
        self.dataset, self.batch_size, self.epoch_length = dataset, batch_size, epoch_length
        self.num_workers, self.prefetch, self.rank, self.world_size = num_workers, prefetch, rank, world_size
        self._buffers = Buffers(pinned=torch.cuda.is_available() if pin_memory is None else pin_memory)

    def __len__(self) -> int:
        """Batches in an epoch of this process, at most."""
        return self.epoch_length

    def batches(
        self, epoch: int = 1, start: int = 0, *, on_error: Callable[[DataError], None] | None = None
    ) -> Iterator[Batch]:
        """The batches of an epoch, from number `start` on; the source is read from its beginning.

        Raises:
            DataError: A sample can't be made. With `on_error` it is given there instead, and its batch left out.
        """
        items = self.dataset.items(epoch, self.rank, self.world_size)
        items = islice(items, start * self.batch_size, self.epoch_length * self.batch_size)
        waiting: deque[Future[Batch]] = deque()
        with worker_threads(self.num_workers) as threads:
            while group := list(islice(items, self.batch_size)):
                samples = [threads.submit(self.dataset.transformed, epoch, *item) for item in group]
                waiting.append(threads.submit(self._batch, samples))
                if len(waiting) > self.prefetch:
                    yield from finished(waiting.popleft(), on_error)
            while waiting:
                yield from finished(waiting.popleft(), on_error)

    def _batch(self, items: Sequence[Future[list[Sample]]]) -> Batch:
        return collate([sample for item in items for sample in item.result()], self._buffers)
