"""Folders that belong to a user or to a machine: settings, and what can be made again."""

from __future__ import annotations

import os
from pathlib import Path

_NAME = "bundlert"


def cache_folder() -> Path:
    """Where files stand that can be made again: `BUNDLERT_CACHE`, or where the system keeps caches."""
    if named := os.environ.get("BUNDLERT_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path  # noqa: PLC0415 (only where nobody named a folder)

    return user_cache_path(_NAME)


def user_folder() -> Path:
    """Where a user's settings stand: `BUNDLERT_CONFIG`, or where the system keeps them."""
    if named := os.environ.get("BUNDLERT_CONFIG"):
        return Path(named)
    from platformdirs import user_config_path  # noqa: PLC0415

    return user_config_path(_NAME)


def site_folders() -> list[Path]:
    """Where settings for all users of a machine stand; their environment can't change it."""
    return [Path("/etc") / _NAME] if os.name == "posix" else []


def private(folder: Path) -> Path:
    """The folder, made if need be so that nobody else may look into it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
