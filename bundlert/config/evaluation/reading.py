"""Functions of an expression that look at files, or make a folder: only where that is allowed, and only so much."""

from __future__ import annotations

import glob
import io
import json
import os
import re
from pathlib import Path
from typing import Any

from bundlert.config.evaluation.error import ExpressionError
from bundlert.files import readable, writable

MAX_TEXT_BYTES = 10_000_000


def is_there(file: Any) -> bool:
    """As `os.path.exists`."""
    return _place(file).exists()


def is_file(file: Any) -> bool:
    """As `os.path.isfile`."""
    return _place(file).is_file()


def is_folder(file: Any) -> bool:
    """As `os.path.isdir`."""
    return _place(file).is_dir()


def names_in(folder: Any = ".") -> list[str]:
    """As `os.listdir`, sorted."""
    return sorted(one.name for one in _place(folder).iterdir())


def text_in(file: Any, encoding: str = "utf-8") -> str:
    """As `Path.read_text`."""
    place = _place(file)
    if place.exists() and not place.is_file():  # a pipe would be waited for, a device never ends
        raise ExpressionError(f"'{place}' isn't a file")
    if place.stat().st_size > MAX_TEXT_BYTES:
        raise ExpressionError(f"'{place}' has more than {MAX_TEXT_BYTES:,} bytes")
    return place.read_text(encoding=encoding)


def opened(file: Any, mode: str = "r", encoding: str = "utf-8") -> io.StringIO:
    """As `open` of a text that is only read."""
    check_mode(mode)
    return io.StringIO(text_in(file, encoding))


def check_mode(mode: Any) -> None:
    """Let files be read.

    Raises:
        ExpressionError: One was to be written.
    """
    if mode not in ("r", "rt"):
        raise ExpressionError(f"a file can't be opened with the mode '{mode}' in an expression", "read it: 'r'")


def json_of(source: Any) -> Any:
    """As `json.load`, of an opened file or of its path."""
    return json_in(source.read() if isinstance(source, io.StringIO) else text_in(source))


def json_in(text: str) -> Any:
    """As `json.loads`."""
    if len(text) > MAX_TEXT_BYTES:
        raise ExpressionError(f"a JSON text of more than {MAX_TEXT_BYTES:,} characters")
    return json.loads(text)


def files_like(pattern: Any, root_dir: Any = None, *, recursive: bool = False) -> list[str]:
    """As `glob.glob`, sorted."""
    full = os.path.join(root_dir, pattern) if root_dir else str(pattern)  # noqa: PTH118 (a pattern is no path)
    start = re.split(r"[*?\[]", full)[0]
    if ".." in Path(full[len(start) :]).parts:
        raise ExpressionError(f"the pattern '{pattern}' leads up again behind a wildcard")
    readable(Path(start if start.endswith("/") else os.path.dirname(start) or "."))  # noqa: PTH120
    found = sorted(glob.glob(str(pattern), root_dir=root_dir, recursive=recursive))  # noqa: PTH207
    for one in found:
        readable(Path(root_dir or "", one))
    return found


def paths_like(folder: Path, pattern: str) -> list[Path]:
    """As `Path.glob`, sorted."""
    return [folder / name for name in files_like(pattern, str(folder), recursive=True)]


def make_folder(folder: Path, mode: int = 0o777, *, parents: bool = False, exist_ok: bool = False) -> None:
    """As `Path.mkdir`, where something may be written."""
    writable(folder).mkdir(mode, parents=parents, exist_ok=exist_ok)


def _place(file: Any) -> Path:
    return readable(Path(file))
