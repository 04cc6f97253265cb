"""A run is a folder that says how to repeat it."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bundlert import __version__
from bundlert.bundle.masking import masked_tree, masked_word
from bundlert.config.dump import dump
from bundlert.config.tree import Node
from bundlert.errors import BundleError
from bundlert.files import write_text
from bundlert.text import to_json

CONFIG = "config.yaml"
CHECKPOINTS = "checkpoints"
LAST = "last.safetensors"
_PACKAGES = ("torch", "pytorch-ignite", "numpy", "nibabel", "safetensors")


def new_folder(runs: Path, bundle: str, entry: str) -> Path:
    """A folder that nobody else has: `runs/<bundle>/<time>-<entry>`."""
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S")
    for attempt in range(1, 1000):
        folder = runs / bundle / (f"{stamp}-{entry}" if attempt == 1 else f"{stamp}-{attempt}-{entry}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise BundleError(f"can't find a free name for a run in '{runs / bundle}'")


def folder_to_resume(runs: Path, bundle: str, entry: str, named: Path | None) -> Path:
    """The run to go on with: the one that is named, or the newest of this entry.

    Raises:
        BundleError: There is no run.
    """
    if named is None:
        folders = _runs_of(entry, runs / bundle)
        if not folders:
            raise BundleError(f"there is no run of '{bundle}' {entry} in '{runs}'", hint="run without --resume")
        return folders[-1]
    if not (named / CONFIG).is_file():
        raise BundleError(f"'{named}' isn't a run folder", expected=f"a {CONFIG} in it")
    return named


def _runs_of(entry: str, place: Path) -> list[Path]:
    """The runs of an entry, the newest last: by their second, then by their number in it."""
    name = re.compile(rf"(\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\d)(?:-(\d+))?-{re.escape(entry)}")
    found = [(match[1], int(match[2] or 1), one) for one in place.glob("*") if (match := name.fullmatch(one.name))]
    return [folder for _, _, folder in sorted(found)]


def checkpoint_of(folder: Path) -> Path | None:
    """The whole state that a run kept last; None if it was stopped before its first, and so begins anew."""
    file = folder / CHECKPOINTS / LAST
    return file if file.is_file() else None


def describe(folder: Path, root: Node, facts: dict[str, Any], secrets: Sequence[str] = ()) -> None:
    """Write what is needed to repeat the run, but for some secrets: its config and `environment.json`."""
    write_text(folder / CONFIG, dump(masked_tree(root, secrets)))
    environment = {
        **facts,
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "command": " ".join(masked_word(word, secrets) for word in sys.argv),
        "bundlert": __version__,
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "python": platform.python_version(),
        "platform": " ".join((platform.system(), platform.release(), platform.machine())),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }
    write_text(folder / "environment.json", to_json(environment, indent=2) + "\n")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name as the system knows it."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
