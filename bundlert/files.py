"""Files that are whole or not there: written under a temporary name, then renamed; and only where it is allowed.

Files that somebody trusted for what is in them are read through `content_of`, once, and what was read is compared.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bundlert.errors import PolicyError

_CHUNK_BYTES = 1 << 20


class Bounds(NamedTuple):
    """Where a run may read and write: below these places, or exactly there if they are files.

    Attributes:
        inside: Read; no link may lead out of them.
        named: Read; the user named them, so their links are his own.
        outputs: Written and read.
    """

    inside: tuple[Path, ...] = ()
    named: tuple[Path, ...] = ()
    outputs: tuple[Path, ...] = ()


# Of the process, not of a context: loaders read in threads of their own.
_bounds: list[Bounds] = []
_vouched: list[tuple[Path, Mapping[str, str]]] = []


@contextmanager
def confined(bounds: Bounds) -> Iterator[None]:
    """Refuse to read and write elsewhere, inside the block; outside of any such block everything is allowed."""
    _bounds.append(bounds)
    try:
        yield
    finally:
        _bounds.remove(bounds)


def bounds_in_force() -> tuple[Bounds, ...]:
    """What binds this process, for another that works for it."""
    return tuple(_bounds)


def bind(bounds: Iterable[Bounds]) -> None:
    """Confine this process for good, by what bound the one that it works for."""
    _bounds.extend(bounds)


def readable(file: Path) -> Path:
    """The path, if it may be read.

    Raises:
        PolicyError: It lies outside of what was named.
    """
    if not _bounds or any(_may_read(file, bounds) for bounds in _bounds):
        return file
    raise PolicyError(
        f"'{file}' may not be read: it lies outside of the bundle, and nobody named it",
        hint="name it on the command line, as id=FILE, or put it into the bundle",
    )


def writable(file: Path) -> Path:
    """The path, if it may be written.

    Raises:
        PolicyError: It lies outside of what was named.
    """
    if not _bounds or any(is_below(resolved(file), bounds.outputs) for bounds in _bounds):
        return file
    raise PolicyError(
        f"'{file}' may not be written: it lies outside of the run folder, and nobody named it",
        hint="name it on the command line, as output=FILE",
    )


@contextmanager
def vouched(root: Path, digests: Mapping[str, str]) -> Iterator[None]:
    """Inside the block, let `content_of` give files below a folder only as they were when it was looked at.

    Args:
        root: The folder.
        digests: The digest of each file by its name below the folder.
    """
    known = (resolved(root), digests)
    _vouched.append(known)
    try:
        yield
    finally:
        _vouched.remove(known)


def content_of(file: Path) -> bytes:
    """What is in a file.

    Raises:
        PolicyError: It was changed after somebody vouched for it, or came later.
    """
    content = file.read_bytes()
    place = resolved(file)
    for root, digests in _vouched:
        if not is_below(place, [root]):
            continue
        digest, known = hashlib.sha256(content).hexdigest(), digests.get(place.relative_to(root).as_posix())
        if digest != known:
            raise PolicyError(
                f"'{file}' isn't what was trusted: it was {'changed' if known else 'added'} in the meantime",
                got=digest,
                expected=known,
                hint="look at it, and run again",
            )
    return content


def is_below(place: Path, roots: Iterable[Path]) -> bool:
    """Whether a resolved path is one of some others, or lies below one."""
    return any(place == root or root in place.parents for root in map(resolved, roots))


def resolved(path: Path) -> Path:
    """The whole path, all links followed as far as they lead.

    Raises:
        PolicyError: It can't be a path: there is a NUL in it.
    """
    try:
        return Path(os.path.realpath(path))  # unlike `resolve` without a word on links in a circle
    except ValueError as error:
        raise PolicyError(f"{str(path)!r} can't be a path", got=str(error)) from None


def _may_read(file: Path, bounds: Bounds) -> bool:
    if is_below(resolved(file), (*bounds.inside, *bounds.named, *bounds.outputs)):
        return True
    as_written = Path(os.path.abspath(file))  # noqa: PTH100 (links are kept)
    roots = [Path(os.path.abspath(one)) for one in bounds.named]  # noqa: PTH100
    return ".." not in file.parts and any(as_written == root or root in as_written.parents for root in roots)


@contextmanager
def atomic(file: Path) -> Iterator[Path]:
    """Give a temporary path beside `file`, which takes its name once the block has ended well.

    The temporary name keeps the suffixes (`.nii.gz`), since writers choose the format by them. Killed at any moment,
    the process leaves the old file, or none, never half of one.

    Raises:
        PolicyError: Nothing may be written there.
    """
    writable(file).parent.mkdir(parents=True, exist_ok=True)
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
