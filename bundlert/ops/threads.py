"""Threads that share work, each of which computes alone.

torch shares the work of one operation between threads of its own, which wait for each other at its end. On a busy
machine each wait lasts until the slowest comes around: 10 times slower, measured. So work that is many operations is
better shared as a whole, and an operation stays in its thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from threading import Lock, Thread
from typing import TypeVar

import torch

Job = TypeVar("Job")
Result = TypeVar("Result")

_starting = Lock()


def compute_alone() -> None:
    """Keep the operations of the thread that calls this in it; other threads stay as they are."""
    with _starting:
        for_new_threads = torch.get_num_threads()  # what torch gives to any thread that begins
        torch.set_num_threads(1)  # sets what this thread uses, and, for a moment, what new ones are given
        restoring = Thread(target=torch.set_num_threads, args=(for_new_threads,))
        restoring.start()
        restoring.join()


def shared(jobs: Sequence[Job], worker: Callable[[], Callable[[Job], Result]], threads: int) -> list[Result]:
    """What comes of each job, in their order.

    Args:
        jobs: In the order in which they are begun.
        worker: Makes what does jobs, for each thread its own. Tensors that need a gradient are nothing for it.
        threads: At most so many; with one, jobs are done where this is called.
    """
    if min(threads, len(jobs)) < 2:
        return list(map(worker(), jobs))
    found: dict[int, Result] = {}
    numbers = iter(range(len(jobs)))  # gives each number once, to whoever asks next
    inference = torch.is_inference_mode_enabled()  # of this thread alone

    def work() -> None:
        with torch.inference_mode(inference):
            do = worker()
            for number in numbers:
                found[number] = do(jobs[number])

    at_work = [_pool(os.getpid(), threads).submit(work) for _ in range(min(threads, len(jobs)))]
    wait(at_work)  # all, before one that failed is told
    for one in at_work:
        one.result()
    return [found[number] for number in range(len(jobs))]


@cache
def _pool(_process: int, threads: int) -> ThreadPoolExecutor:
    """Threads that stay; a forked process has none of those of its parent."""
    return ThreadPoolExecutor(threads, thread_name_prefix="shared", initializer=compute_alone)
