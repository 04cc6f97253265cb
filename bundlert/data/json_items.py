"""Samples from a JSON file: a list, one list of several, or one a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bundlert.data.item_paths import PATHS, Row, items_of
from bundlert.errors import DataError, Mark
from bundlert.files import readable
from bundlert.text import did_you_mean, listed
from bundlert.transforms.base import Sample

_LINES = (".jsonl", ".ndjson")
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def json_items(
    json_file: str | Path,
    data_list_key: str = "training",
    base_dir: str | Path | None = None,
    paths: Sequence[str] = PATHS,
    *,
    check_missing: bool = True,
) -> list[Sample]:
    """A sample for each entry of a list: `schemas/datalist.schema.json`.

    Args:
        json_file: A list of objects, or an object with such lists, in JSON; or an object a line (`.jsonl`).
        data_list_key: Which list, where there are several.
        base_dir: The folder that paths begin in, and lead to; the file's own if None.
        paths: The keys that hold a path or a list of paths.
        check_missing: Whether all files must be there.

    Raises:
        DataError: The file is missing or damaged, has no such list, or files are missing: all of them, with lines.
    """
    file = Path(json_file)
    if not readable(file).is_file():
        beside = [one.name for one in file.parent.glob("*.json*")] if file.parent.is_dir() else []
        raise DataError(f"there is no data list '{file}'", hint=did_you_mean(file.name, beside))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"'{file}' isn't text in UTF-8", got=str(error)) from error
    rows = _lines(text, file) if file.suffix.lower() in _LINES else _entries(text, file, data_list_key)
    return items_of(_checked(rows, file), file, base_dir=base_dir, paths=paths, check_missing=check_missing)


def _checked(rows: Iterator[Row], file: Path) -> Iterator[Row]:
    for row in rows:
        values: Any = row.values
        if not isinstance(values, dict):
            at = Mark(str(file), row.line, 1)
            raise DataError("an entry of a data list isn't an object", at=at, got=f"{values!s:.200}")
        yield row


def _lines(text: str, file: Path) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield Row(number, _parsed(line, file, number - 1))


def _entries(text: str, file: Path, key: str) -> Iterator[Row]:
    """The entries of the list, each with the line that it begins in."""
    whole, place = _parsed(text, file), _behind_space(text, 0)
    if isinstance(whole, dict):
        lists = [name for name, value in whole.items() if isinstance(value, list)]
        if key not in lists:
            expected = f"one of {listed(lists)}" if lists else "lists of samples"
            raise DataError(f"'{file}' has no list '{key}'", expected=expected, hint=did_you_mean(key, lists))
        place = {name: begin for name, begin, _ in _parts(text, place)}[key]  # the last of that name, as JSON has it
    elif not isinstance(whole, list):
        raise DataError(f"'{file}' isn't a data list", got=f"a {type(whole).__name__}", expected="a list of objects")
    line, counted = 1, 0
    for _, begin, value in _parts(text, place):
        line, counted = line + text.count("\n", counted, begin), begin
        yield Row(line, value)


def _parsed(text: str, file: Path, lines_before: int = 0) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        at = Mark(str(file), lines_before + line, column)
        raise DataError(f"'{file}' isn't valid JSON", at=at, got=str(error)) from None


def _parts(text: str, place: int) -> Iterator[tuple[str | None, int, Any]]:
    """Name (in an object), place and value of each part of the list or object at a place of a valid text."""
    is_object = text[place] == "{"
    place = _behind_space(text, place + 1)
    while text[place] not in "]}":
        name = None
        if is_object:
            name, place = _DECODER.raw_decode(text, place)
            place = _behind_space(text, _behind_space(text, place) + 1)  # the colon
        value, end = _DECODER.raw_decode(text, place)
        yield name, place, value
        place = _behind_space(text, end)
        if text[place] == ",":
            place = _behind_space(text, place + 1)


def _behind_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
