"""The table of the field's spellings in the documentation.

`python -m bundlert.registry.dialect_page PAGE ...` keeps it up to date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from bundlert.registry.dialects import ROOT, spellings
from bundlert.registry.index import COMPONENTS, Component

BEGIN, END = "<!-- dialects: begin -->", "<!-- dialects: end -->"


def dialect_table(components: Iterable[Component]) -> str:
    """A Markdown table: our name, the field's bare names, its packages, its arguments that are called otherwise."""
    rows = ["| here | also | below | arguments |", "|---|---|---|---|"]
    for _, group in groupby(components, key=lambda component: component.kind):
        rows += [row for component in group if (row := _row(component))]
    return "\n".join(rows) + "\n"


def renewed(page: str) -> str:
    """A page with the table of today between its two marks.

    Raises:
        ValueError: It hasn't the marks.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(
            f"a page must have '{BEGIN}' and '{END}' once each, got {page.count(BEGIN)}, {page.count(END)}"
        )
    table = f"{BEGIN}\n{dialect_table(COMPONENTS)}{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: table, page, flags=re.DOTALL)


def _row(component: Component) -> str:
    found = spellings(component)
    bare = [name for name in found if "." not in name]
    places = dict.fromkeys(name.rpartition(".")[0] for name in found if name.startswith(f"{ROOT}."))
    renamed = [f"`{theirs}` is `{meant}`" for theirs, meant in component.renamed]
    cells = [_coded([component.name]), _coded(bare), _coded(places), ", ".join(renamed)]
    return f"| {' | '.join(cells)} |" if found or renamed else ""


def _coded(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main(pages: Iterable[str]) -> None:
    """Renew the table in some pages."""
    for page in map(Path, pages):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
