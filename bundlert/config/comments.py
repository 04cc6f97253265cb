"""Comments of YAML files: the words beside a key, or right above it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bundlert.errors import Mark

_OPENS = " \t[{,:("


def comment_at(mark: Mark) -> str:
    """What a comment says of the key at a place: behind it in its line, else in the lines right above it."""
    lines = _lines(mark.file) if mark.line and mark.file.endswith((".yaml", ".yml")) else ()
    if not 0 < mark.line <= len(lines):
        return ""
    return _behind(lines[mark.line - 1]) or _above(lines, mark)


def heading_of(file: str) -> str:
    """The comment with which a file begins."""
    found: list[str] = []
    for line in _lines(file) if file.endswith((".yaml", ".yml")) else ():
        if not line.startswith("#"):
            break
        found.append(line.lstrip("# ").rstrip())
    return " ".join(found)


def _above(lines: tuple[str, ...], mark: Mark) -> str:
    found: list[str] = []
    for line in reversed(lines[: mark.line - 1]):
        is_comment = line.lstrip().startswith("#") and len(line) - len(line.lstrip()) == mark.column - 1
        if not is_comment:
            break
        found.append(line.strip().lstrip("# "))
    return " ".join(reversed(found))


def _behind(line: str) -> str:
    quote = ""
    for at, letter in enumerate(line):
        before = line[at - 1] if at else " "
        if quote:
            quote = "" if letter == quote and before != "\\" else quote
        elif letter in "'\"" and before in _OPENS:
            quote = letter
        elif letter == "#" and before in " \t":
            return line[at:].lstrip("# ").strip()
    return ""


@lru_cache(maxsize=64)
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
