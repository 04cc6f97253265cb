"""Any class or function that Python can import, by its dotted name: only for those who trust what they run."""

from __future__ import annotations

import builtins
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bundlert.errors import ComponentError
from bundlert.registry.index import Component

CODE = "callable"  # the kind of what only trust makes a component


def named_code(name: str) -> Component | None:
    """What a name means to Python, nothing of it imported yet; None where its package isn't there."""
    module, _, attribute = name.rpartition(".")
    if not all(step.isidentifier() for step in name.split(".")):
        return None
    if not module:
        return Component(CODE, name, "builtins", "of Python") if hasattr(builtins, name) else None
    try:
        there = find_spec(module.partition(".")[0]) is not None
    except ValueError:  # a module that was made by hand
        there = True
    return Component(CODE, attribute, module, f"of {module}") if there else None


def load_code(component: Component) -> Any:
    """Import as much of a dotted name as is modules, and go through attributes for the rest.

    Raises:
        ComponentError: A part of the name doesn't exist, or its module can't be imported.
    """
    steps = [*component.module.split("."), component.name]
    for count in range(len(steps) - 1, 0, -1):
        module = ".".join(steps[:count])
        found = _imported(module, last=count == 1)
        if found is not None:
            return _walked(found, steps[count:], module)
    raise ComponentError(f"there is no module '{component.module}'")


def _imported(module: str, *, last: bool) -> Any:
    """A module; None where the last step of its name is no module but an attribute."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if not last and error.name is not None and f"{module}.".startswith(f"{error.name}."):
            return None
        raise ComponentError(
            f"'{module}' can't be imported", got=str(error), hint="install what is missing, or correct the name"
        ) from error


def _walked(value: Any, steps: list[str], place: str) -> Any:
    for step in steps:
        if not hasattr(value, step):
            raise ComponentError(f"'{place}' has nothing called '{step}'")
        value, place = getattr(value, step), f"{place}.{step}"
    return value
