"""Threads that prepare samples, each by itself.

An operation of torch in one of these threads stays in it: see `bundlert.ops.threads`. Sums, too, are then the same on
any number of cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bundlert.ops.threads import compute_alone


@contextmanager
def worker_threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for a block. What they haven't begun when it is left, early for instance, they never begin."""
    with ThreadPoolExecutor(max(count, 1), thread_name_prefix="loader", initializer=compute_alone) as threads:
        try:
            yield threads
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
