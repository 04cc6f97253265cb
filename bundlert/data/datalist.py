"""One part of a data list in the layout of the Medical Segmentation Decathlon, whatever its entries hold."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import Any

from bundlert.data.decathlon import read_listing
from bundlert.errors import DataError, Mark
from bundlert.text import did_you_mean, listed
from bundlert.transforms.base import Sample

IMAGE, LABEL = "image", "label"


def load_decathlon_datalist(
    data_list_file_path: str | Path,
    is_segmentation: bool = True,
    data_list_key: str = "training",
    base_dir: str | Path | None = None,
) -> list[Sample]:
    """The samples in one part of a data list, with absolute paths.

    Whatever stands under `image`, and under `label` for segmentation, is a path or a list of paths. Of other entries
    those become paths that lead to something.

    Args:
        data_list_file_path: The list, a JSON file.
        is_segmentation: Whether labels are paths too, rather than classes.
        data_list_key: The part: `training`, `validation`, `test` ...
        base_dir: The folder that paths begin in; the list's own if None.

    Raises:
        DataError: The list is missing or damaged, has no such part, or leads out of the folder.
    """
    file = Path(data_list_file_path)
    listing = read_listing(file)
    part = listing.get(data_list_key)
    if not isinstance(part, list):
        parts = [key for key, value in listing.items() if isinstance(value, list)]
        raise DataError(
            f"'{file}' has no part '{data_list_key}'",
            expected=f"one of {listed(parts)}" if parts else "lists of samples",
            hint=did_you_mean(data_list_key, parts),
        )
    base = os.path.abspath(file.parent if base_dir is None else base_dir)  # noqa: PTH100 (links stay as written)
    paths = {IMAGE, LABEL} if is_segmentation else {IMAGE}
    return [_sample(entry, paths, base, file) for entry in part]


def _sample(entry: Any, paths: set[str], base: str, file: Path) -> Sample:
    entry = {IMAGE: entry} if isinstance(entry, str) else entry  # the Decathlon's test cases
    if not isinstance(entry, dict):
        raise DataError(f"'{file}' has a sample that isn't as it should be", got=f"{entry!s:.200}", expected="a dict")
    return {str(key): _placed(value, base, file, sure=key in paths) for key, value in entry.items()}


def _placed(value: Any, base: str, file: Path, *, sure: bool) -> Any:
    """A path, or each of a list, made absolute; as it is if it isn't sure to be one and leads nowhere."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return [_placed(one, base, file, sure=sure) for one in value]
    if not isinstance(value, str) or not value or "\0" in value:
        return value
    place = os.path.normpath(os.path.join(base, value))  # noqa: PTH118 (links stay as written)
    if not sure and not os.path.lexists(place):
        return value
    if not Path(place).is_relative_to(base):
        raise DataError(
            f"the path '{value:.200}' leads out of the data set's folder '{base}'",
            at=Mark(str(file)),
            hint="give a `base_dir` that holds all files",
        )
    return place
