"""Which files of a bundle are what. Nobody else knows their names."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bundlert.config.load import READERS
from bundlert.errors import BundleError
from bundlert.text import did_you_mean, listed

CONFIGS = "configs"
METADATA = "metadata.json"


class Bundle(NamedTuple):
    """An opened bundle.

    Attributes:
        root: The folder.
        metadata: Its metadata file: beside `configs`, or in it as the field has it.
        configs: The config files by name without suffix.
    """

    root: Path
    metadata: Path
    configs: dict[str, Path]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.root.resolve().name

    def entry(self, name: str) -> Path:
        """The config file of something that the bundle can run.

        Raises:
            BundleError: It has no such file.
        """
        if name not in self.configs:
            known = sorted(self.configs)
            raise BundleError(
                f"the bundle '{self.root}' has no entry '{name}'",
                expected=f"one of {listed(known)}",
                hint=did_you_mean(name, known),
            )
        return self.configs[name]


def open_bundle(place: Path) -> Bundle:
    """The bundle in a folder.

    Raises:
        BundleError: There is no such folder, or it holds no configs.
    """
    if not place.is_dir():
        beside = [one.name for one in place.parent.iterdir() if one.is_dir()] if place.parent.is_dir() else []
        raise BundleError(f"there is no bundle '{place}'", hint=did_you_mean(place.name, beside))
    folder = place / CONFIGS
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    configs = {one.stem: one for one in files if one.suffix in READERS and one.name != METADATA and one.is_file()}
    if not configs:
        raise BundleError(
            f"'{place}' isn't a bundle", got="no config files in it", expected=f"{place / CONFIGS}/*.yaml or *.json"
        )
    beside_configs = place / METADATA
    inside = folder / METADATA
    return Bundle(place, inside if inside.is_file() and not beside_configs.is_file() else beside_configs, configs)
