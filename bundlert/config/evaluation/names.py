"""What the names of an expression mean: imports, builtins, components, members of listed modules."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from importlib import import_module
from types import ModuleType
from typing import Any

from bundlert.config.evaluation import allowed
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.functions import OURS, Module
from bundlert.errors import BundlertError
from bundlert.registry.index import Component, translate_arguments
from bundlert.registry.registry import Registry, load
from bundlert.text import did_you_mean


class Names:
    """The names that expressions of one config may use.

    Args:
        registry: The components.
        imports: Gives the names that the config's import statements bind, with what they stand for.
    """

    def __init__(self, registry: Registry, imports: Callable[[], Mapping[str, str]] = dict) -> None:
        self.trusted = bool(getattr(registry, "trusts_code", False))
        self._dialects: frozenset[str] = getattr(registry, "dialects", frozenset())
        self._registry = registry
        self._find_imports = imports
        self._found: dict[str, Any] = {}
        self._components: dict[str, Any] = {}
        self._records: dict[int, Component] = {}

    @cached_property
    def _imports(self) -> Mapping[str, str]:
        return self._find_imports()

    def find(self, name: str) -> Any:
        """What a bare name means.

        Raises:
            ExpressionError: Nothing; tells the nearest name.
        """
        if name not in self._found:
            self._found[name] = self._looked_up(name)
        return self._found[name]

    def _looked_up(self, name: str) -> Any:
        dotted = self._imports.get(name)
        if dotted is None and name in allowed.BUILTINS and not self.trusted:
            return allowed.BUILTINS[name]
        dotted = dotted or allowed.NAMES.get(name)
        if dotted is not None:
            return self.imported(dotted)
        if name in self._registry:
            return self.component(name)
        if name in self._dialects or (self.trusted and hasattr(builtins, name)):
            return Module(name) if name in self._dialects else getattr(builtins, name)
        try:
            return self.component(name)
        except BundlertError:
            known = [*allowed.BUILTINS, *allowed.NAMES, *self._imports, *(one.name for one in self._registry)]
            hint = did_you_mean(name, known)
        raise ExpressionError(f"the name '{name}' isn't listed for expressions", hint)

    def imported(self, dotted: str) -> Any:
        """What an import of a dotted name gives.

        Raises:
            ExpressionError: It isn't listed; tells what to use instead.
        """
        root, *steps = dotted.split(".")
        if self.trusted and root not in self._dialects:
            return _really_imported(dotted)
        if root not in self._dialects and root not in allowed.MODULES:
            raise self._refused(dotted)
        value: Any = Module(root)
        for step in steps:
            if not isinstance(value, Module):
                raise self._refused(dotted)
            value = self.member(value, step)
        return value

    def member(self, module: Module, name: str) -> Any:
        """A listed function, class or number of a module, imported now; or a listed sub-module.

        Raises:
            ExpressionError: It isn't listed.
        """
        dotted = f"{module.dotted}.{name}"
        if dotted not in self._found:
            self._found[dotted] = self._member(module.dotted, name, dotted)
        return self._found[dotted]

    def _member(self, parent: str, name: str, dotted: str) -> Any:
        if dotted in allowed.MODULES:
            return Module(dotted)
        if name in allowed.MODULES.get(parent, ()):
            return OURS[dotted] if dotted in OURS else getattr(_really_imported(parent), name)
        is_dialect = parent.partition(".")[0] in self._dialects
        if is_dialect and parent.rpartition(".")[2] in allowed.TEXTS:
            return name.lower()
        try:
            return self.component(dotted)
        except BundlertError:
            if is_dialect:
                return Module(dotted)  # a package of the field, or a name that nobody knows: told when it is used
        raise self._refused(dotted)

    def called(self, module: Module) -> Callable[..., Any]:
        """What is called where a module or a listed class is.

        Raises:
            ExpressionError: It is no class, or the field's and not here.
        """
        if module.dotted.partition(".")[0] in self._dialects:
            try:
                made: Callable[..., Any] = self.component(module.dotted)
            except BundlertError as error:
                raise ExpressionError(error.what, error.hint) from None
            return made
        found = _really_imported(module.dotted)
        if not isinstance(found, type):
            raise ExpressionError(f"'{module.dotted}' can't be called")
        return found

    def component(self, name: str) -> Any:
        """The class or function of a component, imported when it is first named.

        Raises:
            ComponentError: Nobody is called so.
        """
        if name not in self._components:
            record = self._registry.find(name)
            self._components[name] = found = load(record)
            self._records[id(found)] = record
        return self._components[name]

    def translated(self, function: Any, arguments: dict[Any, Any]) -> dict[Any, Any]:
        """Arguments as a component calls them, where the field calls some otherwise.

        Raises:
            ComponentError: One is given under two names.
        """
        record = self._records.get(id(function))
        if record is None or not record.renamed:
            return arguments
        ours = translate_arguments(record, arguments)
        return {ours[name]: value for name, value in arguments.items()}

    def is_component(self, value: Any) -> bool:
        """Whether a value of an expression is a component; of trusted code, anything that can be called."""
        if type(value) is partial:
            return self.is_component(value.func)
        return callable(value) if self.trusted else any(value is one for one in self._components.values())

    def refusal(self, dotted: str) -> ExpressionError | None:
        """Why a config may not import a dotted name; None if it may. Imports nothing itself."""
        parent, _, name = dotted.rpartition(".")
        is_listed = dotted in allowed.MODULES or name in allowed.MODULES.get(parent, ())
        if self.trusted or is_listed or dotted.partition(".")[0] in self._dialects:
            return None
        try:
            self._registry.find(dotted)
        except BundlertError:
            return self._refused(dotted)
        return None

    def _refused(self, dotted: str) -> ExpressionError:
        steps = dotted.split(".")
        for depth in range(len(steps), 0, -1):
            if instead := allowed.INSTEAD.get(".".join(steps[:depth])):
                return ExpressionError(f"'{dotted}' isn't listed for expressions", instead)
        parent = ".".join(steps[:-1])
        known = allowed.MODULES.get(parent, ()) if parent else [*allowed.MODULES, *self._dialects]
        hint = did_you_mean(steps[-1], known)
        if steps[0] in self._dialects:
            hint = hint or did_you_mean(steps[-1], [one.name for one in self._registry])
        return ExpressionError(f"'{dotted}' isn't listed for expressions", hint)


def _really_imported(dotted: str) -> Any:
    """A module, or what a module or class holds: `os.path`, `datetime.datetime.now`."""
    known, *steps = dotted.split(".")
    try:
        found: Any = import_module(known)
        for step in steps:
            known = f"{known}.{step}"
            is_module = isinstance(found, ModuleType) and not hasattr(found, step)
            found = import_module(known) if is_module else getattr(found, step)
    except ModuleNotFoundError as error:
        raise ExpressionError(str(error)) from error
    return found
