"""Samples from a table, one a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from bundlert.data.item_paths import PATHS, Row, items_of
from bundlert.errors import DataError, Mark
from bundlert.files import readable
from bundlert.text import did_you_mean, listed
from bundlert.transforms.base import Sample

# Not 007 nor 12e4, which are rather names.
_WHOLE, _BROKEN = re.compile(r"0|-?[1-9]\d*"), re.compile(r"-?(0|[1-9]\d*)?\.\d+([eE][+-]?\d+)?")


def csv_items(
    csv_file: str | Path,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    base_dir: str | Path | None = None,
    paths: Sequence[str] = PATHS,
    *,
    delimiter: str | None = None,
    check_missing: bool = True,
    as_text: Collection[str] = (),
) -> list[Sample]:
    """A sample for each row of a table: `{"image": "/data/a.nii.gz", "label": "/data/a_seg.nii.gz", "age": 63}`.

    Numbers become numbers, unless they look like a name (`007`, `12e4`); an empty cell gives no entry.

    Args:
        csv_file: The table, in UTF-8; its first row names the columns.
        columns: Column -> key in the sample, or the columns that are wanted under their own names; all of them if None.
        base_dir: The folder that paths begin in, and lead to; the table's own if None.
        paths: The keys that hold paths.
        delimiter: What stands between cells; a tab in a `.tsv`, else a comma, if None.
        check_missing: Whether all files must be there.
        as_text: Columns whose cells stay as they are written.

    Raises:
        DataError: The table is missing or damaged, has no such column, or files are missing: all of them, with lines.
    """
    file = Path(csv_file)
    if not readable(file).is_file():
        beside = [one.name for one in file.parent.glob("*.[ct]sv")] if file.parent.is_dir() else []
        raise DataError(f"there is no table '{file}'", hint=did_you_mean(file.name, beside))
    between = delimiter or ("\t" if file.suffix.lower() == ".tsv" else ",")
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(_rows(opened, file, between, columns, as_text))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"'{file}' isn't a table in UTF-8", got=str(error)) from error
    return items_of(rows, file, base_dir=base_dir, paths=paths, check_missing=check_missing)


def _rows(
    opened: TextIO,
    file: Path,
    delimiter: str,
    columns: Mapping[str, str] | Sequence[str] | None,
    as_text: Collection[str],
) -> Iterator[Row]:
    reader = csv.reader(opened, delimiter=delimiter, strict=True)
    names = [name.strip() for name in next(reader, [])]
    if not names or len(set(names)) < len(names):
        raise DataError(
            f"'{file}' has no usable first row",
            at=Mark(str(file), 1, 1),
            got=listed(names),
            expected="names, each once",
        )
    keys = _keys(names, columns, file)
    for cells in reader:
        if not cells:  # an empty line
            continue
        if len(cells) != len(names):
            at = Mark(str(file), reader.line_num, 1)
            raise DataError(f"a row has {len(cells)} cells", at=at, expected=f"{len(names)}, as the first row")
        named = dict(zip(names, map(str.strip, cells), strict=True))
        values = {column: cell if column in as_text else _value(cell) for column, cell in named.items() if cell}
        yield Row(reader.line_num, {key: values[column] for column, key in keys.items() if column in values})


def _keys(names: Sequence[str], columns: Mapping[str, str] | Sequence[str] | None, file: Path) -> dict[str, str]:
    """Column -> key."""
    if columns is None:
        return dict(zip(names, names, strict=True))
    wanted = dict(columns) if isinstance(columns, Mapping) else dict(zip(columns, columns, strict=True))
    for column in wanted:
        if column not in names:
            hint = did_you_mean(column, names)
            raise DataError(f"'{file}' has no column '{column}'", expected=f"some of {listed(names)}", hint=hint)
    return wanted


def _value(cell: str) -> Any:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    return float(cell) if _BROKEN.fullmatch(cell) else cell
