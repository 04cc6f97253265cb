"""Memory that was freed stays with the process, because getting it anew is slow."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_ALL = (1 << 31) - 1
_LARGEST, _LARGEST_OF_OLD = 1 << 30, 1 << 25  # the second is what the manual allows


def keep_freed_memory() -> bool:
    """Let glibc keep blocks of up to 1 GiB that are freed, for the next of the same size; whether it does.

    By default it gives tensors back to the system, which clears each page of the next one: up to half of the time of a
    network on a CPU. The process stays as large as it was at most. Where the C library is another, or where its
    environment variables say something else, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    if any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ):
        return False
    taken = any(mallopt(_MMAP_THRESHOLD, size) for size in (_LARGEST, _LARGEST_OF_OLD))
    return taken and bool(mallopt(_TRIM_THRESHOLD, _ALL))
