"""What went wrong, and with which item."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bundlert.errors import DataError, Mark
from bundlert.transforms.base import Sample


@contextmanager
def about_item(index: int, item: Sample) -> Iterator[None]:
    """Let every error in the block tell the item that it is about, if it doesn't name its file already."""
    try:
        yield
    except DataError as error:
        if error.at is None and not any(place in str(error) for place in _files(item)):
            error.at = Mark(_told(index, item))
        raise
    except Exception as error:
        error.add_note(f"  at: {_told(index, item)}")
        raise


def _told(index: int, item: Sample) -> str:
    """`item 3 'case_3' (images/case_3.nii.gz)`."""
    name = item.get("name")
    words = [f"item {index}", *([f"'{name}'"] if isinstance(name, str | int) else [])]
    files = _files(item)
    return " ".join([*words, f"({files[0]})"] if files else words)


def _files(item: Sample) -> list[str]:
    """The entries that look like paths."""
    texts = [str(entry) for entry in item.values() if isinstance(entry, str | Path)]
    return [text for text in texts if "/" in text or "\\" in text]
