from pathlib import Path

import pytest

from bundlert.registry.dialect_page import BEGIN, END, dialect_table, main, renewed
from bundlert.registry.index import COMPONENTS
from bundlert.registry.registry import standard

PAGE = Path(__file__).parents[2] / "docs" / "components.md"


def test_the_page_is_that_of_today():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "stale: run `python -m bundlert.registry.dialect_page docs/components.md`"


def test_a_row_tells_names_packages_and_arguments():
    rows = dialect_table([standard().find("Invert"), standard().find("MemoryCache"), standard().find("RunLog")])
    assert rows.splitlines()[2:] == [
        "| `Invert` | `InvertD`, `InvertDict`, `Invertd` | `monai.transforms` | `orig_keys` is `like` |",
        "| `MemoryCache` | `CacheDataset` | `monai.data` |  |",
    ]


def test_each_cell_of_the_table_is_true():
    for row in dialect_table(COMPONENTS).splitlines()[2:]:
        ours, bare, packages, _ = ([name.strip("` ") for name in cell.split(",")] for cell in row.split("|")[1:-1])
        for spelling in filter(None, [*bare, *(f"{package}.{bare[0] or ours[0]}" for package in packages)]):
            assert standard().find(spelling).name == ours[0]


def test_what_stands_around_the_table_stays(tmp_path):
    file = tmp_path / "page.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    main([str(file)])
    text = file.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| here | also |")
    assert text.endswith(f"|\n{END}\nafter\n")


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match=r"a page must have '<!-- dialects: begin -->' and .* once each, got 0, 0"):
        renewed("words")
