"""Look a name up: the house's components, the field's spellings of them, and listed classes of trusted libraries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from bundlert.errors import ComponentError, TrustError
from bundlert.registry.dialects import ROOT, bare_name, bare_spellings, is_in_use, ours
from bundlert.registry.index import COMPONENTS, Component
from bundlert.registry.libraries import MODULES, listed_name
from bundlert.registry.own_code import import_own, is_own, own_component, own_components
from bundlert.registry.python_code import CODE, load_code, named_code
from bundlert.text import did_you_mean, nearest

_LONGEST = 200  # characters of a name
_FOREIGN = "code of others runs only if you trust it: read it, then give `--trust`"


class Registry:
    """Components by name.

    Args:
        components: What is known at first.
        withheld: What the bundle itself would add; it is known, so that the refusal can say so, but not found.

    Attributes:
        trusts_code: Whether it finds any class or function that Python can import.
        dialects: What the field's dotted names begin with.

    Raises:
        ComponentError: Two components have one name.
    """

    dialects: ClassVar[frozenset[str]] = frozenset({ROOT})
    trusts_code: bool = False
    _foreign = _FOREIGN

    def __init__(self, components: Iterable[Component], *, withheld: Iterable[Component] = ()) -> None:
        self._known: dict[str, Component] = {}
        self._house: dict[str, Component] = {}  # what the field's spellings may mean
        self._withheld = {component.name: component for component in withheld}
        for component in components:
            self.add(component)

    def __iter__(self) -> Iterator[Component]:
        return iter(self._known.values())

    def __contains__(self, name: str) -> bool:
        return name in self._known or ours(name, self._house) is not None

    def add(self, component: Component) -> None:
        """Make a component known."""
        known = self._known.setdefault(component.name, component)
        if known is not component:
            raise ComponentError(
                f"{component.kind} '{component.name}' is registered twice",
                got=f"{known.module} and {component.module}",
                hint="rename one of the two",
            )
        if component.module.startswith("bundlert."):
            self._house[component.name] = component

    def extended(self, components: Iterable[Component]) -> Registry:
        """A registry that knows more components, those of plugins for instance."""
        return Registry([*self, *components], withheld=self._withheld.values())

    def trusted(self, extra: Iterable[Component] = (), *, folder: Path | None = None) -> Registry:
        """A registry that runs foreign code: any class or function that Python can import, and a bundle's own.

        Args:
            extra: More components.
            folder: A bundle, whose `components/` are known by their names, and whose modules by dotted ones.

        Raises:
            ComponentError: A component of the bundle has a name that there is already, or no readable file.
        """
        return _Trusting([*self, *extra, *(own_components(folder) if folder else ())], folder)

    def find(self, name: str) -> Component:
        """The component called `name`: a name of the house, the field's for it, or one of a trusted library.

        Raises:
            ComponentError: Nobody is called so; tells the nearest name.
        """
        if name in self._known:
            return self._known[name]
        if len(name) > _LONGEST:
            raise ComponentError(
                "there is no component with a name so long", got=f"'{name[:40]}...' of {len(name)} characters"
            )
        spelled = ours(name, self._house)
        if spelled is not None:
            return self._known[spelled]
        found = listed_name(name)
        if found is not None:
            kind, module, attribute = found
            return Component(kind, attribute, module, f"of {module}")
        return self._found_elsewhere(name)

    def _found_elsewhere(self, name: str) -> Component:
        raise self._unknown(name)

    def _unknown(self, name: str) -> ComponentError:
        """What is said of a name that nobody has."""
        if name in self._withheld:
            own = self._withheld[name]
            place = own.module.partition(".")[2] if is_own(own.module) else own.module
            return TrustError(
                f"{own.kind} '{name}' is the bundle's own code, which isn't run", got=place, hint=_FOREIGN
            )
        bare = bare_name(name)
        spelled = bare_spellings(self._known)
        guess = nearest(bare, spelled)
        if is_in_use(name):
            return ComponentError(
                f"the field's '{name}' isn't built here yet",
                hint=f"the nearest that is: '{spelled[guess]}'" if guess else "see `bundlert list components`",
            )
        hint = self._foreign if bare != name else "see `bundlert list components`"
        if guess:
            hint = f"did you mean '{spelled[guess]}'?"
        odd = [letter for letter in name if not letter.isascii() or not letter.isprintable()]
        codes = ", ".join(f"U+{ord(letter):04X}" for letter in dict.fromkeys(odd[:6]))
        shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)
        return ComponentError(
            f"there is no component called '{shown}'", got=f"letters beyond ASCII: {codes}" if odd else None, hint=hint
        )


class _Trusting(Registry):
    """A registry that also finds what only trust makes harmless."""

    trusts_code = True
    _foreign = "is it installed, or in the bundle's folder?"

    def __init__(self, components: Iterable[Component], folder: Path | None) -> None:
        super().__init__(components)
        self._folder = folder

    def extended(self, components: Iterable[Component]) -> Registry:
        return _Trusting([*self, *components], self._folder)

    def _found_elsewhere(self, name: str) -> Component:
        own = own_component(self._folder, name) if self._folder else None
        found = own or named_code(name)
        if found is None:
            raise self._unknown(name)
        return found


@cache
def standard() -> Registry:
    """The registry of the house's own components."""
    return Registry(COMPONENTS)


def load(component: Component) -> Any:
    """Import the module of a component and give the class or function.

    Raises:
        ComponentError: The module has no such class (a name of a library that doesn't exist).
    """
    if component.kind == CODE:
        return load_code(component)
    module = import_own(component.module) if is_own(component.module) else import_module(component.module)
    found = getattr(module, component.name, None)
    if found is not None and (component.module not in MODULES or _is_own_class(found, component.module)):
        return found
    names = [name for name, value in vars(module).items() if _is_own_class(value, component.module)]
    raise ComponentError(
        f"'{component.module}' has nothing called '{component.name}'", hint=did_you_mean(component.name, names)
    )


def _is_own_class(value: Any, module: str) -> bool:
    """Whether a value is a public class of a module, not one that the module imports for its own use."""
    own = isinstance(value, type) and f"{value.__module__}.".startswith(f"{module}.")
    return own and not value.__name__.startswith("_")
