"""Rows of a list as samples: their paths made absolute, and what is wrong with any of them told at once."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bundlert.errors import DataError, Mark
from bundlert.files import readable
from bundlert.transforms.base import Sample

PATHS = ("image", "label")
_TOLD_AT_MOST = 50


class Row(NamedTuple):
    """One entry of a list."""

    line: int
    values: Sample


def items_of(
    rows: Iterable[Row], file: Path, *, base_dir: str | Path | None, paths: Sequence[str], check_missing: bool
) -> list[Sample]:
    """Rows as samples.

    Args:
        rows: What stands in the list.
        file: The list.
        base_dir: The folder that paths begin in, and lead to; the list's own if None.
        paths: The keys whose texts, or lists of texts, are paths.
        check_missing: Whether all files must be there.

    Raises:
        DataError: Files are missing, or paths lead out of the folder; all of them are told.
    """
    base = os.path.abspath(file.parent if base_dir is None else base_dir)  # noqa: PTH100 (links stay as written)
    items, outside, missing = [], [], []
    for row in rows:
        item = {key: _placed(value, base) if key in paths else value for key, value in row.values.items()}
        items.append(item)
        for place in _texts(item.get(key) for key in paths):
            told = f"line {row.line}: {place}"
            if not Path(place).is_relative_to(base):
                outside.append(told)
            elif check_missing and not readable(Path(place)).exists():
                missing.append(told)
    if outside:
        hint = "give a `base_dir` that holds all files"
        raise _wrong(file, f"{len(outside)} paths lead out of the data set's folder '{base}'", outside, hint)
    if missing:
        raise _wrong(file, f"{len(missing)} files aren't there", missing, f"is `base_dir` right? it is '{base}'")
    return items


def _placed(value: Any, base: str) -> Any:
    if isinstance(value, list):
        return [_placed(one, base) for one in value]
    if not isinstance(value, str) or not value or "\0" in value:
        return value
    return os.path.normpath(os.path.join(base, value))  # noqa: PTH118 (links stay as written)


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one)


def _wrong(file: Path, what: str, places: Sequence[str], hint: str) -> DataError:
    return DataError(
        f"'{file}': {what}", at=Mark(str(file)), got="\n       ".join(_cut(places)), hint=hint, rule="missing-file"
    )


def _cut(places: Sequence[str]) -> list[str]:
    more = len(places) - _TOLD_AT_MOST
    return [*places[:_TOLD_AT_MOST], *([f"... and {more} more"] if more > 0 else [])]
