"""Packages that are here only if somebody wants them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bundlert.errors import BundlertError


def installed(*packages: str) -> bool:
    """Whether all of some packages are here; none is imported."""
    return all(find_spec(package) is not None for package in packages)


def require(package: str, *, extra: str) -> Any:
    """Import a package, or say how to get it.

    Raises:
        BundlertError: It isn't installed.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise BundlertError(
            f"the package '{package}' isn't installed", got=str(error), hint=f"pip install 'bundlert[{extra}]'"
        ) from None
