"""Files that are whole or not there: written under a temporary name, then renamed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_CHUNK_BYTES = 1 << 20


@contextmanager
def atomic(file: Path) -> Iterator[Path]:
    """Give a temporary path beside `file`, which takes its name once the block has ended well.

    The temporary name keeps the suffixes (`.nii.gz`), since writers choose the format by them. Killed at any moment,
    the process leaves the old file, or none, never half of one.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # Not the process number: machines that share a folder may have the same.
    temporary = file.with_name(f".{os.urandom(4).hex()}.tmp.{file.name}")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(file)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_text(file: Path, text: str) -> None:
    """Write a whole UTF-8 text file, or nothing."""
    with atomic(file) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sha256(file: Path) -> str:
    """The SHA-256 digest of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
