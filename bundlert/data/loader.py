"""Batches in a seeded order, prepared ahead by threads or processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch

from bundlert.data.buffers import Buffers
from bundlert.data.collate import Batch, collate
from bundlert.data.dataset import Samples
from bundlert.data.shards import check_rank, shard, shard_sizes
from bundlert.data.worker_processes import WorkerProcesses
from bundlert.data.worker_threads import worker_threads
from bundlert.errors import DataError
from bundlert.progress import say
from bundlert.transforms.base import Sample

_WORKERS = ("threads", "processes")


class _Job(Protocol):
    def result(self) -> list[Sample]: ...


class Loader:
    """Batches of a dataset.

    The order is a function of `seed` and the epoch, the chance in a sample one of `seed`, the epoch and its index: the
    same with any number of workers, of either kind, and after a resume. A worker does each operation of torch in one
    thread.

    Where several processes share the work, each has a loader with its `rank`, and gets each `world_size`-th item of the
    same order.

    Args:
        dataset: What is served. If it has `set_epoch`, it is told the epoch before.
        batch_size: Items of the dataset in a batch; an item may give several samples.
        shuffle: Whether each epoch has an order of its own.
        seed: Of the order and of random transforms.
        num_workers: Workers that prepare samples; 0 counts as 1.
        prefetch: Batches that are prepared ahead.
        drop_last: Whether a last batch that isn't full is left out, and, before, what makes shards uneven.
        workers: `threads`, which is best where the work is done by torch and numpy; or `processes`, for transforms that
            are Python themselves. These begin with the first batch, and stay until the loader goes.
        rank: Which of the processes that share the work this is, from 0.
        world_size: How many share it.
        even_divisible: Whether all of them get equally many items, so that some come twice, rather than some one less;
            as `shuffle` says if None: training needs equally many, evaluation each once.
        pin_memory: Whether batches lie where a GPU can copy them from by itself; if there is a GPU, if None.

    Raises:
        ValueError: A number below 1, no such rank, or another kind of workers.
    """

    def __init__(
        self,
        dataset: Samples,
        batch_size: int = 1,
        *,
        shuffle: bool = False,
        seed: int = 0,
        num_workers: int = 2,
        prefetch: int = 2,
        drop_last: bool = False,
        workers: str = "threads",
        rank: int = 0,
        world_size: int = 1,
        even_divisible: bool | None = None,
        pin_memory: bool | None = None,
    ) -> None:
        if min(batch_size, prefetch) < 1 or num_workers < 0:
            found = f"{batch_size}, {prefetch} and {num_workers}"
            raise ValueError(f"batch_size and prefetch must be >= 1, num_workers >= 0, got {found}")
        if workers not in _WORKERS:
            raise ValueError(f"workers must be one of {', '.join(_WORKERS)}, got '{workers}'")
        check_rank(rank, world_size)
        self.dataset, self.batch_size, self.shuffle, self.seed = dataset, batch_size, shuffle, seed
        self.num_workers, self.prefetch, self.drop_last = max(num_workers, 1), prefetch, drop_last
        self.workers, self.rank, self.world_size = workers, rank, world_size
        self.even_divisible = shuffle if even_divisible is None else even_divisible
        self._buffers = Buffers(pinned=torch.cuda.is_available() if pin_memory is None else pin_memory)
        self._processes: WorkerProcesses | None = None
        if rank == 0 and len(set(self.shard_sizes)) > 1:
            say(f"{len(dataset)} items for {world_size} processes: {', '.join(map(str, self.shard_sizes))}")

    def __len__(self) -> int:
        """Batches in an epoch of this process."""
        whole, rest = divmod(self.shard_sizes[self.rank], self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    @property
    def shard_sizes(self) -> list[int]:
        """Items in an epoch of each process."""
        even = self.even_divisible
        return shard_sizes(len(self.dataset), self.world_size, even=even, drop_last=self.drop_last)

    def batches(
        self, epoch: int = 1, start: int = 0, *, on_error: Callable[[DataError], None] | None = None
    ) -> Iterator[Batch]:
        """The batches of an epoch, from number `start` on; those before it are not prepared at all.

        Raises:
            DataError: A sample can't be made. With `on_error` it is given there instead, and its batch left out.
        """
        set_epoch: Callable[[int], None] | None = getattr(self.dataset, "set_epoch", None)
        if set_epoch is not None:
            set_epoch(epoch)
        with self._working(epoch) as (threads, ask):
            waiting: deque[Future[Batch]] = deque()
            for group in self._groups(epoch)[start:]:
                # Behind its items in the queue of the threads: when one of them begins with it, no item waits for one.
                waiting.append(threads.submit(self._batch, [ask(index) for index in group]))
                if len(waiting) > self.prefetch:
                    yield from finished(waiting.popleft(), on_error)
            while waiting:
                yield from finished(waiting.popleft(), on_error)

    def close(self) -> None:
        """End processes that were begun; new ones begin with the next batch."""
        if self._processes is not None:
            self._processes.close()
        self._processes = None

    def _groups(self, epoch: int) -> list[list[int]]:
        """The indices of each batch of an epoch."""
        order = list(range(len(self.dataset)))
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch]).permutation(len(order)).tolist()
        order = shard(order, self.rank, self.world_size, even=self.even_divisible, drop_last=self.drop_last)
        return [order[number * self.batch_size : (number + 1) * self.batch_size] for number in range(len(self))]

    @contextmanager
    def _working(self, epoch: int) -> Iterator[tuple[ThreadPoolExecutor, Callable[[int], _Job]]]:
        """Threads that put batches together, and what asks a worker for an item: one of them, or a process."""
        if self.workers == "threads":
            with worker_threads(self.num_workers) as threads:
                yield threads, lambda index: threads.submit(self._sample, epoch, index)
            return
        if self._processes is None:
            self._processes = WorkerProcesses(self.dataset, self.seed, self.num_workers)
        try:
            with self._processes.asking(epoch) as ask, worker_threads(1) as threads:
                yield threads, ask
        except DataError:
            self.close()  # one of them may be gone
            raise

    def _sample(self, epoch: int, index: int) -> list[Sample]:
        return self.dataset.sample(index, np.random.default_rng([self.seed, epoch, index]))

    def _batch(self, items: Sequence[_Job]) -> Batch:
        return collate([sample for item in items for sample in item.result()], self._buffers)


def finished(batch: Future[Batch], on_error: Callable[[DataError], None] | None) -> list[Batch]:
    """A batch once it is there; none where a sample failed and `on_error` took it."""
    try:
        return [batch.result()]
    except DataError as error:
        if on_error is None:
            raise
        on_error(error)
        return []
