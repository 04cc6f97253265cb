"""Rows of text in columns, the last one wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

_WIDEST = 44
_LEAST = 30


def table(rows: Sequence[Sequence[str]], *, width: int, indent: str = "  ") -> Iterator[str]:
    """The lines of a table without borders.

    Args:
        rows: Cells; all rows have as many.
        width: The width of the whole; what is longer in the last column goes on below itself.
        indent: What stands before each line.
    """
    widths = [min(_WIDEST, max(len(row[at]) for row in rows)) for at in range(len(rows[0]) - 1)]
    left = sum(widths) + 2 * len(widths) + len(indent)
    for *cells, last in rows:
        head = indent + "".join(f"{cell:<{size}}  " for cell, size in zip(cells, widths, strict=True))
        wrapped = textwrap.wrap(last, max(_LEAST, width - left)) or [""]
        yield (head + wrapped[0]).rstrip()
        yield from (" " * left + line for line in wrapped[1:])
