"""Look a name up: the house's components and the listed classes of trusted libraries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from bundlert.errors import ComponentError
from bundlert.registry.index import COMPONENTS, Component
from bundlert.text import did_you_mean

# Public classes of these modules may be built by name (`torch.optim.Adam`): they hold layers, losses, optimizers and
# schedules, nothing that opens a file or runs a text.
LIBRARIES = {
    "torch.nn": "network",
    "torch.optim": "optimizer",
    "torch.optim.lr_scheduler": "schedule",
}


class Registry:
    """Components by name.

    Args:
        components: What is known at first.

    Raises:
        ComponentError: Two components have one name.
    """

    def __init__(self, components: Iterable[Component]) -> None:
        self._known: dict[str, Component] = {}
        for component in components:
            self.add(component)

    def __iter__(self) -> Iterator[Component]:
        return iter(self._known.values())

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def add(self, component: Component) -> None:
        """Make a component known."""
        known = self._known.setdefault(component.name, component)
        if known is not component:
            raise ComponentError(
                f"{component.kind} '{component.name}' is registered twice",
                got=f"{known.module} and {component.module}",
                hint="rename one of the two",
            )

    def find(self, name: str) -> Component:
        """The component called `name`: a bare name of the house, or a dotted one of a trusted library.

        Raises:
            ComponentError: Nobody is called so; tells the nearest name.
        """
        if name in self._known:
            return self._known[name]
        module, _, attribute = name.rpartition(".")
        if module in LIBRARIES and attribute[:1].isupper():
            return Component(LIBRARIES[module], attribute, module, f"of {module}")
        raise ComponentError(
            f"there is no component called '{name}'",
            hint=did_you_mean(name, self._known) or "see `bundlert list components`",
        )


@cache
def standard() -> Registry:
    """The registry of the house's own components."""
    return Registry(COMPONENTS)


def load(component: Component) -> Any:
    """Import the module of a component and give the class or function.

    Raises:
        ComponentError: The module has no such class (a name of a library that doesn't exist).
    """
    module = import_module(component.module)
    found = getattr(module, component.name, None)
    if found is not None and (component.module not in LIBRARIES or _is_own_class(found, component.module)):
        return found
    names = [name for name, value in vars(module).items() if _is_own_class(value, component.module)]
    raise ComponentError(
        f"'{component.module}' has nothing called '{component.name}'", hint=did_you_mean(component.name, names)
    )


def _is_own_class(value: Any, module: str) -> bool:
    """Whether a value is a public class of a module, not one that the module imports for its own use."""
    own = isinstance(value, type) and f"{value.__module__}.".startswith(f"{module}.")
    return own and not value.__name__.startswith("_")
