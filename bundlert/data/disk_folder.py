"""A folder of files that can be made again, shared by processes, of limited size."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bundlert.files import writable
from bundlert.places import private

try:
    import fcntl
except ImportError:  # not on Windows: there, two processes may make the same file, and the last one stays
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".kept"
_LOCKS = "locks"
_TRIMMING = "trimming"
_LEFT_BEHIND_S = 3600


class DiskFolder:
    """Files by key. Each is whole or not there, and made by one process, whoever else wants it meanwhile.

    Locks are the kernel's, on files that stay: a process that is killed leaves none closed.

    Args:
        folder: Made if need be, so that nobody else may look into it.
        size_limit_bytes: Files that weren't used for longest are removed beyond it; None for no limit.

    Raises:
        PolicyError: Nothing may be written there.
    """

    def __init__(self, folder: Path, size_limit_bytes: int | None = None) -> None:
        self.folder, self.size_limit_bytes = folder, size_limit_bytes
        private(private(writable(folder)) / _LOCKS)
        for left in folder.glob(f".*.tmp.*{_SUFFIX}"):  # by a process that was killed
            with suppress(FileNotFoundError):  # finished, or removed, in the meantime
                if time.time() - left.stat().st_mtime > _LEFT_BEHIND_S:
                    left.unlink()

    def file(self, key: str) -> Path:
        """Where the file of a key is, or would be."""
        return self.folder / f"{key}{_SUFFIX}"

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(one.size for one in self._stored())

    @contextmanager
    def making(self, key: str) -> Iterator[None]:
        """For the block, be the only one that makes the file of a key."""
        with self._locked(key[:2]):  # one of 256: few enough to stay, enough that others seldom wait
            yield

    def used(self, key: str) -> None:
        """Note that the file of a key was used just now."""
        with suppress(OSError):
            os.utime(self.file(key))

    def trim(self, keep: str) -> None:
        """Remove files, those first that weren't used for longest, until the rest is within the limit.

        Args:
            keep: The key of one that stays in any case.
        """
        if self.size_limit_bytes is None:
            return
        with self._locked(_TRIMMING):
            stored = self._stored()
            over = sum(one.size for one in stored) - self.size_limit_bytes
            for one in sorted(stored, key=lambda one: one.used_ns):
                if over > 0 and one.path != self.file(keep):
                    over -= one.size
                    _removed(one.path)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with (self.folder / _LOCKS / name).open("a") as lock:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _stored(self) -> list[_Stored]:
        found = []
        for path in self.folder.glob(f"[!.]*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                status = path.stat()
                found.append(_Stored(path, status.st_size, status.st_mtime_ns))
        return found


def _removed(file: Path) -> None:
    with suppress(OSError):  # gone already, or (on Windows) open somewhere
        file.unlink()


class _Stored(NamedTuple):
    path: Path
    size: int
    used_ns: int
