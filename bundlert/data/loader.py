"""Batches in a seeded order, prepared ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np

from bundlert.data.collate import Batch, collate
from bundlert.data.dataset import Samples
from bundlert.errors import DataError
from bundlert.transforms.base import Sample

_Group: TypeAlias = list[Future[list[Sample]]]


class Loader:
    """Batches of a dataset.

    The order is a function of `seed` and the epoch, the chance in a sample one of `seed`, the epoch and its index: the
    same with any number of threads, and after a resume.

    Args:
        dataset: What is served.
        batch_size: Items of the dataset in a batch; an item may give several samples.
        shuffle: Whether each epoch has an order of its own.
        seed: Of the order and of random transforms.
        num_workers: Threads that prepare samples.
        prefetch: Batches that are prepared ahead.
        drop_last: Whether a last batch that isn't full is left out.

    Raises:
        ValueError: A number below 1.
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
    ) -> None:
        if min(batch_size, num_workers, prefetch) < 1:
            found = f"{batch_size}, {num_workers} and {prefetch}"
            raise ValueError(f"batch_size, num_workers and prefetch must be >= 1, got {found}")
        self.dataset, self.batch_size, self.shuffle, self.seed = dataset, batch_size, shuffle, seed
        self.num_workers, self.prefetch, self.drop_last = num_workers, prefetch, drop_last

    def __len__(self) -> int:
        """Batches in an epoch."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    def batches(
        self, epoch: int = 1, start: int = 0, *, on_error: Callable[[DataError], None] | None = None
    ) -> Iterator[Batch]:
        """The batches of an epoch, from number `start` on; those before it are not prepared at all.

        Raises:
            DataError: A sample can't be made. With `on_error` it is given there instead, and its batch left out.
        """
        with _threads(self.num_workers) as threads:
            waiting: deque[_Group] = deque()
            for group in self._groups(epoch)[start:]:
                waiting.append([threads.submit(self._sample, epoch, index) for index in group])
                if len(waiting) > self.prefetch:
                    yield from _collected(waiting.popleft(), on_error)
            while waiting:
                yield from _collected(waiting.popleft(), on_error)

    def _groups(self, epoch: int) -> list[list[int]]:
        """The indices of each batch of an epoch."""
        order = list(range(len(self.dataset)))
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch]).permutation(len(order)).tolist()
        return [order[number * self.batch_size : (number + 1) * self.batch_size] for number in range(len(self))]

    def _sample(self, epoch: int, index: int) -> list[Sample]:
        return self.dataset.sample(index, np.random.default_rng([self.seed, epoch, index]))


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for a block. What they haven't begun when it is left, early for instance, they never begin."""
    with ThreadPoolExecutor(count, thread_name_prefix="loader") as threads:
        try:
            yield threads
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _collected(group: _Group, on_error: Callable[[DataError], None] | None) -> list[Batch]:
    """The batch of a group once its samples are there; none where one failed and `on_error` took it."""
    try:
        return [collate([sample for item in group for sample in item.result()])]
    except DataError as error:
        if on_error is None:
            raise
        on_error(error)
        return []
