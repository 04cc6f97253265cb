"""Components that other distributions bring along. Their metadata are read; they are imported when they are named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from bundlert.errors import ComponentError
from bundlert.registry.index import Component
from bundlert.text import did_you_mean, listed

GROUP = "bundlert.components"


def installed_plugins() -> dict[str, list[str]]:
    """Distribution -> its entry points, as `name = module:attribute`. Imports nothing."""
    found: dict[str, list[str]] = {}
    for point in _points():
        found.setdefault(_distribution(point), []).append(f"{point.name} = {point.value}")
    return found


def plugin_components(distributions: Iterable[str] | None = None) -> list[Component]:
    """The components of some distributions; of all that have any, if None is given. This runs their code.

    Raises:
        ComponentError: A distribution isn't installed, can't be imported, or gives something else than components.
    """
    points = _points()
    names = {_normal(_distribution(point)): _distribution(point) for point in points}
    wanted = set(names) if distributions is None else set()
    for name in distributions or ():
        if _normal(name) not in names:
            raise ComponentError(
                f"no installed distribution '{name}' has components",
                expected=f"one of {listed(sorted(names.values()))}" if names else None,
                hint=did_you_mean(name, names.values()) or "install it",
            )
        wanted.add(_normal(name))
    return [one for point in points if _normal(_distribution(point)) in wanted for one in _components(point)]


def _points() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda point: (_distribution(point), point.name))


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _components(point: EntryPoint) -> list[Component]:
    place = f"'{point.value}' of the plugin '{_distribution(point)}'"
    try:
        given: Any = point.load()
    except Exception as error:
        raise ComponentError(f"{place} can't be imported", got=f"{type(error).__name__}: {error}") from error
    given = getattr(given, "COMPONENTS", None) if isinstance(given, ModuleType) else given
    found = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    wrong = next((one for one in found if not isinstance(one, Component)), None)
    if wrong is not None or given is None:
        raise ComponentError(
            f"{place} doesn't give components",
            got=f"{wrong!r:.80}",
            expected="`Component` lines, or a module with them in `COMPONENTS`",
        )
    return found
