"""Which arguments a component takes, read from its source without importing it."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path as File
from typing import NamedTuple, TypeAlias

from bundlert.registry.index import Component

_Definition: TypeAlias = ast.FunctionDef | ast.ClassDef
_MAX_HOPS = 20
# The constructor of a class that has none.
_NOTHING = next(one for one in ast.parse("def __init__(self): ...").body if isinstance(one, ast.FunctionDef))


class Parameter(NamedTuple):
    """One argument of a component."""

    name: str
    required: bool


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


@cache
def signature_of(component: Component) -> Signature | None:
    """The arguments of a component, or None where its source can't tell (compiled, made at run time)."""
    found = _definition(component.module, component.name)
    if found is None:
        return None
    module, definition = found
    if isinstance(definition, ast.FunctionDef):
        return _signature(definition, skip=0)
    made = _constructor(module, definition)
    return _signature(made, skip=1) if made else None


def exists(component: Component) -> bool | None:
    """Whether the source defines the component; None where the source isn't there to be read."""
    if _source(component.module) is None:
        return None
    return _definition(component.module, component.name) is not None


def public_names(module: str) -> list[str]:
    """The capitalised names that a module defines or imports."""
    names = {*_definitions(module), *_imports(module)}.union(*map(public_names, _stars(module)))
    return sorted(name for name in names if name[:1].isupper())


def _constructor(module: str, definition: ast.ClassDef) -> ast.FunctionDef | None:
    """What takes the arguments of a class, its own or the first base's; None if it is made or inherited elsewhere."""
    for _ in range(_MAX_HOPS):
        for statement in reversed(definition.body):  # the last of several: the others are overloads
            if isinstance(statement, ast.FunctionDef) and statement.name in ("__init__", "__new__"):
                return statement
        if definition.decorator_list:
            return None
        if not definition.bases:
            return _NOTHING
        bases = [base.id for base in definition.bases if isinstance(base, ast.Name)]
        found = next((hit for base in bases if (hit := _definition(module, base))), None)
        if found is None or not isinstance(found[1], ast.ClassDef):
            return None
        module, definition = found[0], found[1]
    return None


def _signature(function: ast.FunctionDef, *, skip: int) -> Signature:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = len(positional) - len(arguments.defaults)
    parameters = [Parameter(one.arg, index < with_default) for index, one in enumerate(positional)][skip:]
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(Parameter(one.arg, default is None))
    return Signature(tuple(parameters), open=arguments.kwarg is not None)


# ---- following names through source files


def _definition(module: str, name: str) -> tuple[str, _Definition] | None:
    """Where a name that a module knows is defined, and how."""
    for _ in range(_MAX_HOPS):
        if name in _definitions(module):
            return module, _definitions(module)[name]
        if name not in _imports(module):
            return next((hit for star in _stars(module) if (hit := _definition(star, name))), None)
        module, name = _imports(module)[name]
    return None


@cache
def _definitions(module: str) -> dict[str, _Definition]:
    source = _source(module)
    body = source.body if source else []
    return {one.name: one for one in body if isinstance(one, ast.FunctionDef | ast.ClassDef)}


@cache
def _imports(module: str) -> dict[str, tuple[str, str]]:
    """Name -> (module, name there), for each `from module import name` of a module."""
    return {alias.asname or alias.name: (origin, alias.name) for origin, alias in _from_imports(module)}


def _stars(module: str) -> list[str]:
    """The modules of which a module takes everything."""
    return [origin for origin, alias in _from_imports(module) if alias.name == "*"]


@cache
def _from_imports(module: str) -> list[tuple[str, ast.alias]]:
    source, file = _source(module), _file(module)
    found: list[tuple[str, ast.alias]] = []
    for statement in source.body if source and file else []:
        if isinstance(statement, ast.ImportFrom):
            origin = statement.module or ""
            if statement.level:
                up = statement.level - (1 if file and file.name == "__init__.py" else 0)
                parents = module.split(".")[: -up or None]
                origin = ".".join([*parents, *([origin] if origin else [])])
            found.extend((origin, alias) for alias in statement.names)
    return found


@cache
def _source(module: str) -> ast.Module | None:
    file = _file(module)
    if file is None:
        return None
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None


@cache
def _file(module: str) -> File | None:
    """The source file of a module, found as Python would, without importing its parents."""
    steps = module.split(".")
    for folder in sys.path:
        place = File(folder or ".").joinpath(*steps)
        for candidate in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if candidate.is_file():
                return candidate
    return None
