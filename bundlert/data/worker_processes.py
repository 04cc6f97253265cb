"""Processes that prepare samples: for steps that hold Python's lock, which threads would wait for."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet, finalize

import numpy as np
import torch

from bundlert.data.parcel import Parcel, packed, unpacked
from bundlert.errors import BundlertError, DataError
from bundlert.files import Bounds, bind, bounds_in_force
from bundlert.transforms.base import Sample
from bundlert.transforms.lazy import realized

if TYPE_CHECKING:
    from bundlert.data.dataset import Samples

_HINT = "workers: threads"


class WorkerProcesses:
    """Processes that have a dataset each, and serve its items.

    They begin without what this process holds, CUDA for instance (forkserver, or spawn where there is none), and end
    with it, however it ends.

    Args:
        dataset: What they serve. A `MemoryCache` is filled first, and all share it.
        seed: Of random transforms.
        count: How many.

    Raises:
        DataError: The dataset can't leave this process.
    """

    def __init__(self, dataset: Samples, seed: int, count: int) -> None:
        share: Callable[[int], None] | None = getattr(dataset, "share", None)
        try:
            if share is not None:
                share(count)
            parcel = packed((dataset, seed))
        except BundlertError:
            raise
        except Exception as error:
            what = f"the {type(dataset).__name__} can't go to another process"
            raise DataError(what, got=f"{type(error).__name__}: {error}", hint=_HINT) from error
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if context.get_start_method() == "forkserver":
            context.set_forkserver_preload([__name__])  # torch is imported once
        self._pool = ProcessPoolExecutor(count, context, _begin, (parcel, bounds_in_force()))
        self.close = finalize(self, self._pool.shutdown, wait=True, cancel_futures=True)

    @contextmanager
    def asking(self, epoch: int) -> Iterator[Callable[[int], Job]]:
        """For a block, what asks for an item of an epoch; what is not begun when the block is left never is."""
        asked = WeakSet[Future[Parcel]]()

        def ask(index: int) -> Job:
            try:
                future = self._pool.submit(_serve, epoch, index)
            except BrokenProcessPool as error:
                raise _broken() from error
            asked.add(future)
            return Job(future)

        try:
            yield ask
        finally:
            for future in asked:
                future.cancel()


class Job(NamedTuple):
    """An item that was asked for."""

    future: Future[Parcel]

    def result(self) -> list[Sample]:
        """Its samples, once they are there.

        Raises:
            DataError: They can't be made, or the process is gone.
        """
        try:
            parcel = self.future.result()
        except BrokenProcessPool as error:
            raise _broken() from error
        samples: list[Sample] = unpacked(parcel)
        return samples


def _broken() -> DataError:
    return DataError(
        "a process that prepares samples has ended",
        got="no answer: it was killed, or there was no memory left (or no shared memory, in /dev/shm)",
        hint=f"fewer num_workers, or {_HINT}",
    )


# ---- in the worker

_served: dict[str, Any] = {}


def _begin(parcel: Parcel, bounds: tuple[Bounds, ...]) -> None:
    """Make this process ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this process
    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    bind(bounds)  # or it could read what the parent may not
    try:
        _served["dataset"], _served["seed"] = unpacked(parcel)
    except Exception as error:  # noqa: BLE001 (told with the first item)
        _served["error"] = f"{type(error).__name__}: {error}"


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _serve(epoch: int, index: int) -> Parcel:
    if "error" in _served:
        raise DataError("the dataset can't be made again in another process", got=_served["error"], hint=_HINT)
    rng = np.random.default_rng([_served["seed"], epoch, index])
    return packed([realized(sample) for sample in _served["dataset"].sample(index, rng)])
