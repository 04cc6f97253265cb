"""Numbers that stand in another file than their header: only beside it or below, and only where it may be read."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images.claims import ends_early, wrong_header

_LINE_BYTES = 1 << 20


def detached_file(header: Path, name: str) -> Path:
    """The file that a header names.

    Raises:
        DataError: It is none file, not there, or not in the folder of the header or below.
        PolicyError: It may not be read.
    """
    place = PurePosixPath(name.replace("\\", "/"))
    if "%" in name or name.split()[:1] == ["LIST"]:
        raise wrong_header(header, f"its voxels in several files: {name}", "one file")
    if not name or place.is_absolute() or ".." in place.parts or ":" in name:
        raise wrong_header(header, f"its voxels in '{name}'", "a file beside the header")
    file = readable(header.parent / place)
    if not file.is_file():
        raise DataError(
            f"the voxels of image '{header}' are missing",
            got=f"no file '{file}'",
            hint="copy it beside the header, under this name",
        )
    return file


def passed_lines(file: Path, offset: int, count: int) -> int:
    """The byte behind some lines of a file.

    Raises:
        DataError: It has fewer, or `count` is none.
    """
    if count < 0:
        raise wrong_header(file, f"line skip {count}", "0 or more")
    with file.open("rb") as opened:
        opened.seek(offset)
        for passed in range(count):
            if not opened.readline(_LINE_BYTES).endswith(b"\n"):
                raise ends_early(file, f"{passed} lines", f"{count} before its voxels")
        return opened.tell()
