"""Threads that prepare samples, each by itself.

torch shares the work of one operation between threads of its own, which wait for each other at its end. With a few
loader threads that makes many more threads than cores, and on a busy machine each wait lasts until the slowest comes
around: 10 times slower, measured. So an operation in one of these threads stays in it. Sums, too, are then the same on
any number of cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock, Thread

import torch

_starting = Lock()


@contextmanager
def worker_threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for a block. What they haven't begun when it is left, early for instance, they never begin."""
    with ThreadPoolExecutor(max(count, 1), thread_name_prefix="loader", initializer=compute_alone) as threads:
        try:
            yield threads
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def compute_alone() -> None:
    """Keep the operations of the thread that calls this in it; other threads stay as they are."""
    with _starting:
        for_new_threads = torch.get_num_threads()  # what torch gives to any thread that begins
        torch.set_num_threads(1)  # sets what this thread uses, and, for a moment, what new ones are given
        restoring = Thread(target=torch.set_num_threads, args=(for_new_threads,))
        restoring.start()
        restoring.join()
