"""A data set in the layout of the Medical Segmentation Decathlon."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bundlert.errors import DataError, Mark
from bundlert.files import readable
from bundlert.progress import say
from bundlert.text import did_you_mean, listed
from bundlert.transforms.base import Sample

LIST = "dataset.json"
_VALIDATION_SHARE = 9 / 41  # the published split of the spleen task: the last 9 of 41


class DecathlonData:
    """The samples of a folder with `dataset.json`, split into training and validation.

    Cases are sorted by file name as texts, and the last ones validate: the same split on every machine. With a single
    case it serves for both. Source: Antonelli et al., Nat. Commun. 2022.

    Args:
        dataset_dir: The folder.
        validation_cases: How many cases validate; 9 of 41 in proportion, at least 1, if None.
        cases: Only these cases, by name (`spleen_1`).

    Raises:
        DataError: The list is missing, damaged or doesn't fit the files; a case isn't known.
    """

    def __init__(
        self, dataset_dir: str | Path, validation_cases: int | None = None, cases: Sequence[str] | None = None
    ) -> None:
        self.folder = Path(dataset_dir)
        listing = read_listing(self.folder / LIST)
        self.labels: dict[str, str] = {str(key): str(name) for key, name in listing.get("labels", {}).items()}
        self.all = _chosen(self._labelled(listing), cases)
        self._unlabelled = self._entries(listing, "test", ("image",))
        count = len(self.all)
        held_out = max(round(count * _VALIDATION_SHARE), 1) if validation_cases is None else validation_cases
        if count == 1:
            say(f"one case only: '{self.all[0]['name']}' is trained on and validated on")
            self.training = self.validation = self.all
            return
        if not 0 < held_out < count:
            raise DataError(
                f"{held_out} of {count} cases can't validate", expected=f"validation_cases between 1 and {count - 1}"
            )
        self.training, self.validation = self.all[:-held_out], self.all[-held_out:]

    @property
    def test(self) -> list[Sample]:
        """The samples without labels."""
        return [self._sample(entry) for entry in self._unlabelled]

    def _labelled(self, listing: dict[str, Any]) -> list[Sample]:
        entries = self._entries(listing, "training", ("image", "label"))
        promised = listing.get("numTraining", len(entries))
        if promised != len(entries):
            raise DataError(
                f"'{self.folder / LIST}' lists {len(entries)} training cases",
                got=f"numTraining is {promised}",
                hint="correct the number or the list",
            )
        if not entries:
            raise DataError(f"'{self.folder / LIST}' lists no training cases")
        return sorted((self._sample(entry) for entry in entries), key=lambda sample: str(sample["image"]))

    def _entries(self, listing: dict[str, Any], part: str, keys: tuple[str, ...]) -> list[dict[str, str]]:
        """The paths in one part of the list, whose entries are dicts or (the Decathlon's test cases) plain texts."""
        found = []
        for written in listing.get(part, []):
            entry = {"image": written} if isinstance(written, str) else written
            if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in keys):
                raise DataError(
                    f"'{self.folder / LIST}' has an entry in '{part}' that isn't as it should be",
                    got=f"{written!s:.200}",
                    expected=f"paths for {' and '.join(keys)}",
                )
            found.append({key: entry[key] for key in keys})
        return [entry for entry in found if not _is_hidden(entry["image"])]

    def _sample(self, entry: dict[str, str]) -> Sample:
        paths = {key: self.folder / value for key, value in entry.items()}
        for place in paths.values():
            if not readable(place).is_file():
                beside = [one.name for one in place.parent.iterdir()] if place.parent.is_dir() else []
                raise DataError(
                    f"there is no file '{place}'",
                    at=Mark(str(self.folder / LIST)),
                    hint=did_you_mean(place.name, beside) or "is the data set unpacked whole?",
                )
        return {**{key: str(place) for key, place in paths.items()}, "name": paths["image"].name.partition(".")[0]}


def read_listing(file: Path) -> dict[str, Any]:
    """A data list as it is written.

    Raises:
        DataError: It is missing, or no JSON object.
    """
    if not readable(file).is_file():
        inner = sorted(one.parent.name for one in file.parent.glob(f"*/{LIST}")) if file.parent.is_dir() else []
        raise DataError(
            f"there is no data set in '{file.parent}'",
            expected=f"a folder in Decathlon layout, with {LIST}, imagesTr and labelsTr",
            hint=f"did you mean '{file.parent / inner[0]}'?" if inner else None,
        )
    try:
        listing = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"'{file}' isn't valid JSON", got=str(error)) from None
    if not isinstance(listing, dict):
        raise DataError(f"'{file}' isn't a data list", got=f"a {type(listing).__name__}")
    return listing


def _chosen(samples: list[Sample], cases: Sequence[str] | None) -> list[Sample]:
    if cases is None:
        return samples
    known = {sample["name"]: sample for sample in samples}
    for name in cases:
        if name not in known:
            raise DataError(
                f"there is no case '{name}'", expected=f"some of {listed(known)}", hint=did_you_mean(name, known)
            )
    return [known[name] for name in sorted(cases)]


def _is_hidden(path: str) -> bool:
    return Path(path).name.startswith("._")  # left behind by macOS in archives
