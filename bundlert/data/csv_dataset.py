"""A dataset whose samples are the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundlert.data.csv_items import csv_items
from bundlert.data.dataset import Dataset
from bundlert.data.item_paths import PATHS
from bundlert.errors import DataError
from bundlert.transforms.base import Sample, SampleTransform

_TYPES: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float}


class CSVDataset(Dataset):
    """The rows of a table as samples, with some of its columns, and with several columns as one array.

    Cells are read, and paths made absolute, as `csv_items` does.

    Args:
        src: The table, in UTF-8; its first row names the columns.
        row_indices: Rows that are wanted, from 0: numbers, and ranges as [first, behind the last]; all if None.
        col_names: Columns that become entries of a sample; all if None.
        col_types: Column -> `type` (`str`, `int` or `float`) and `default`, the value of an empty cell, either or both.
        col_groups: Entry -> the columns whose numbers make its array, in order.
        transform: Applied when a sample is asked for; nothing if None.
        base_dir: The folder that paths begin in, and lead to; the table's own if None.
        paths: The columns that hold paths.
        check_missing: Whether all files must be there.

    Raises:
        DataError: As `csv_items`; or no such row, a cell that isn't of its type, or one of a group that is no number.
        ValueError: An unknown type.
    """

    def __init__(
        self,
        src: str | Path,
        row_indices: Sequence[int | Sequence[int]] | None = None,
        col_names: Sequence[str] | None = None,
        col_types: Mapping[str, Mapping[str, Any]] | None = None,
        col_groups: Mapping[str, Sequence[str]] | None = None,
        *,
        transform: SampleTransform | None = None,
        base_dir: str | Path | None = None,
        paths: Sequence[str] = PATHS,
        check_missing: bool = True,
    ) -> None:
        types, groups = dict(col_types or {}), dict(col_groups or {})
        wanted = None if col_names is None else list(dict.fromkeys([*col_names, *types, *_columns(groups)]))
        typed = [column for column, one in types.items() if "type" in one]
        rows = csv_items(src, wanted, base_dir, paths, check_missing=check_missing, as_text=typed)
        data = []
        for index in range(len(rows)) if row_indices is None else _indices(row_indices, len(rows)):
            row = {**rows[index], **_typed(rows[index], types, index)}
            arrays = {name: _array(row, name, columns, index) for name, columns in groups.items()}
            chosen = row if col_names is None else {name: row[name] for name in col_names if name in row}
            data.append({**chosen, **arrays})
        super().__init__(data, transform)


def _columns(groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    return (column for columns in groups.values() for column in columns)


def _indices(asked: Iterable[int | Sequence[int]], count: int) -> list[int]:
    found = [index for one in asked for index in ([one] if isinstance(one, int) else range(*one))]
    beyond = [index for index in found if not 0 <= index < count]
    if beyond:
        raise DataError(f"there is no row {beyond[0]}", expected=f"row_indices >= 0 and < {count}")
    return found


def _typed(row: Sample, types: Mapping[str, Mapping[str, Any]], index: int) -> Sample:
    """The cells of columns with a type or a default."""
    found: Sample = {}
    for column, wanted in types.items():
        kind = str(wanted.get("type", "str"))
        if kind not in _TYPES:
            raise ValueError(f"type must be one of {', '.join(_TYPES)}, got {kind!r} for column '{column}'")
        if column not in row:
            found |= {column: wanted["default"]} if "default" in wanted else {}
        elif "type" in wanted:
            found[column] = _converted(row[column], kind, column, index)
    return found


def _converted(cell: str, kind: str, column: str, index: int) -> Any:
    try:
        return _TYPES[kind](cell)
    except ValueError as error:
        raise DataError(f"column '{column}' of row {index} isn't {kind}", got=repr(cell)) from error


def _array(row: Sample, name: str, columns: Sequence[str], index: int) -> np.ndarray[Any, Any]:
    values = [row.get(column) for column in columns]
    for column, value in zip(columns, values, strict=True):
        if not isinstance(value, int | float):
            raise DataError(
                f"'{name}' needs a number in column '{column}' of row {index}",
                got="nothing" if value is None else repr(value),
                hint="give the column a `default` in `col_types`" if value is None else None,
            )
    return np.asarray(values)
