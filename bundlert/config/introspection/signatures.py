"""Which arguments a component takes, read from its source without importing it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path as File
from typing import NamedTuple

from bundlert.config.introspection.annotations import Kinds, kinds_of
from bundlert.config.introspection.source import Definition, definition, definitions, file_of, imports, stars, tree_of
from bundlert.registry.index import Component

_MAX_HOPS = 20
# The constructor of a class that has none.
_NOTHING = next(one for one in ast.parse("def __init__(self): ...").body if isinstance(one, ast.FunctionDef))


class Parameter(NamedTuple):
    """One argument of a component.

    Attributes:
        name: Its name.
        required: Whether it has no default.
        annotation: Its type, as the source has it.
        default: Its default, as the source has it.
        kinds: What plain values it takes; None if nobody can tell.
    """

    name: str
    required: bool
    annotation: str | None = None
    default: str | None = None
    kinds: Kinds | None = None


class Signature(NamedTuple):
    """The arguments of a component; `open` if it takes any others too."""

    parameters: tuple[Parameter, ...]
    open: bool

    @property
    def names(self) -> list[str]:
        """All names, in order."""
        return [parameter.name for parameter in self.parameters]

    @property
    def required(self) -> list[str]:
        """The names of the arguments without a default."""
        return [parameter.name for parameter in self.parameters if parameter.required]

    def find(self, name: str) -> Parameter | None:
        """The argument with a name, or None."""
        return next((one for one in self.parameters if one.name == name), None)


class Place(NamedTuple):
    """Where a component stands, and what is written of it."""

    file: File
    line: int
    doc: str


@cache
def signature_of(component: Component) -> Signature | None:
    """The arguments of a component, or None where its source can't tell (compiled, made at run time)."""
    found = definition(component.module, component.name)
    if found is None:
        return None
    module, defined = found
    if isinstance(defined, ast.FunctionDef):
        return _signature(module, defined, skip=0)
    made = _constructor(module, defined)
    return _signature(*made, skip=1) if made else None


def exists(component: Component) -> bool | None:
    """Whether the source defines the component; None where the source isn't there to be read."""
    if tree_of(component.module) is None:
        return None
    return definition(component.module, component.name) is not None


def place_of(component: Component) -> Place | None:
    """Where a component is defined; None where the source isn't there to be read."""
    found = definition(component.module, component.name)
    file = file_of(found[0]) if found else None
    return Place(file, found[1].lineno, ast.get_docstring(found[1]) or "") if found and file else None


def public_names(module: str) -> list[str]:
    """The capitalised names that a module defines or imports."""
    names = {*definitions(module), *imports(module)}.union(*map(public_names, stars(module)))
    return sorted(name for name in names if name[:1].isupper())


def _constructor(module: str, defined: ast.ClassDef) -> tuple[str, ast.FunctionDef] | None:
    """What takes the arguments of a class, its own or the first base's; None if it is made or inherited elsewhere."""
    for _ in range(_MAX_HOPS):
        for statement in reversed(defined.body):  # the last of several: the others are overloads
            if isinstance(statement, ast.FunctionDef) and statement.name in ("__init__", "__new__"):
                return module, statement
        if defined.decorator_list:
            return None
        if not defined.bases:
            return module, _NOTHING
        found = _first_base(module, defined)
        if found is None or not isinstance(found[1], ast.ClassDef):
            return None
        module, defined = found[0], found[1]
    return None


def _first_base(module: str, defined: ast.ClassDef) -> tuple[str, Definition] | None:
    bases = [base.id for base in defined.bases if isinstance(base, ast.Name)]
    return next((hit for base in bases if (hit := definition(module, base))), None)


def _signature(module: str, function: ast.FunctionDef, *, skip: int) -> Signature:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    none: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults = [*none, *arguments.defaults, *arguments.kw_defaults]
    pairs = list(zip([*positional, *arguments.kwonlyargs], defaults, strict=True))[skip:]
    return Signature(tuple(_parameter(module, one, default) for one, default in pairs), arguments.kwarg is not None)


def _parameter(module: str, argument: ast.arg, default: ast.expr | None) -> Parameter:
    may_be_none = isinstance(default, ast.Constant) and default.value is None
    kinds = kinds_of(module, argument.annotation, may_be_none=may_be_none) if argument.annotation else None
    return Parameter(
        argument.arg,
        default is None,
        ast.unparse(argument.annotation) if argument.annotation else None,
        ast.unparse(default) if default else None,
        kinds,
    )
