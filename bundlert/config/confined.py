"""Which files a config may name: those below the roots that somebody allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from bundlert.errors import PolicyError
from bundlert.files import is_below, resolved

_roots: ContextVar[tuple[Path, ...] | None] = ContextVar("roots", default=None)


@contextmanager
def within(roots: Iterable[Path]) -> Iterator[None]:
    """Let configs name only files below `roots`, inside the block; without such a block they may name any."""
    token = _roots.set(tuple(map(resolved, roots)))
    try:
        yield
    finally:
        _roots.reset(token)


def checked(path: Path) -> Path:
    """The path, if a config may name it; links are followed first.

    Raises:
        PolicyError: It leads out of the allowed roots.
    """
    roots = _roots.get()
    if roots is None or is_below(resolved(path), roots):
        return path
    raise PolicyError(
        f"'{path}' lies outside of the bundle and isn't read",
        hint="put the file into the bundle, or name it on the command line with --config",
    )
