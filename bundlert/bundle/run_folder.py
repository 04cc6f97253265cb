"""A run is a folder that says how to repeat it."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bundlert import __version__
from bundlert.config.dump import dump
from bundlert.config.tree import Node
from bundlert.errors import BundleError
from bundlert.files import write_text

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
        BundleError: There is no run, or it kept no checkpoint yet.
    """
    if named is None:
        folders = sorted((runs / bundle).glob(f"*-{entry}"))
        if not folders:
            raise BundleError(f"there is no run of '{bundle}' {entry} in '{runs}'", hint="run without --resume")
        named = folders[-1]
    if not (named / CHECKPOINTS / LAST).is_file():
        raise BundleError(
            f"the run '{named}' has no checkpoint",
            expected=f"{named / CHECKPOINTS / LAST}",
            hint="run without --resume",
        )
    return named


def describe(folder: Path, root: Node, facts: dict[str, Any]) -> None:
    """Write what is needed to repeat the run: `config.yaml` and `environment.json`."""
    write_text(folder / "config.yaml", dump(root))
    environment = {
        **facts,
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "command": " ".join(sys.argv),
        "bundlert": __version__,
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }
    write_text(folder / "environment.json", json.dumps(environment, indent=2) + "\n")


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
    return platform.processor()
