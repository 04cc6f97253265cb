"""Places for prepared items, each filled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from threading import Lock
from typing import Any

from bundlert.data.stages import Kept
from bundlert.data.worker_threads import worker_threads
from bundlert.progress import Display, task


class Slot:
    """A place for what an item becomes before chance comes in."""

    def __init__(self) -> None:
        self.kept: list[Kept] | None = None
        self._lock = Lock()

    def get(self, prepare: Callable[[], list[Kept]]) -> list[Kept]:
        """What is there; made first if nothing is, once, however many threads ask."""
        with self._lock:
            if self.kept is None:
                self.kept = prepare()
            return self.kept

    @property
    def size_bytes(self) -> int:
        """Memory of the images that are there."""
        return sum(one.size_bytes for one in self.kept or ())

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.kept, self._lock = state["kept"], Lock()


def fill(jobs: Sequence[Callable[[], object]], num_workers: int, *, show: bool) -> None:
    """Do jobs, one an item, by so many threads, and show how far it is."""
    shown = task if show else Display().task
    with shown("caching", total=len(jobs), unit="image", done=0) as bar, worker_threads(num_workers) as threads:
        for done in as_completed([threads.submit(job) for job in jobs]):
            done.result()
            bar.advance()
