"""Python source as syntax trees: where a name of a module is defined, found without importing anything."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path as File
from typing import TypeAlias

Definition: TypeAlias = ast.FunctionDef | ast.ClassDef
_MAX_HOPS = 20


def definition(module: str, name: str) -> tuple[str, Definition] | None:
    """Where a name that a module knows is defined, and how."""
    for _ in range(_MAX_HOPS):
        if name in definitions(module):
            return module, definitions(module)[name]
        if name not in imports(module):
            return next((hit for star in stars(module) if (hit := definition(star, name))), None)
        module, name = imports(module)[name]
    return None


def alias(module: str, name: str) -> tuple[str, ast.expr] | None:
    """Where a name that a module knows is set to an expression (`Keys = str | Sequence[str]`), and which."""
    for _ in range(_MAX_HOPS):
        if name in _assigned(module):
            return module, _assigned(module)[name]
        if name not in imports(module):
            return None
        module, name = imports(module)[name]
    return None


@cache
def definitions(module: str) -> dict[str, Definition]:
    """The functions and classes that a module's source defines."""
    return {one.name: one for one in _body(module) if isinstance(one, ast.FunctionDef | ast.ClassDef)}


@cache
def imports(module: str) -> dict[str, tuple[str, str]]:
    """Name -> (module, name there), for each `from module import name` of a module."""
    return {one.asname or one.name: (origin, one.name) for origin, one in _from_imports(module)}


def stars(module: str) -> list[str]:
    """The modules of which a module takes everything."""
    return [origin for origin, one in _from_imports(module) if one.name == "*"]


@cache
def tree_of(module: str) -> ast.Module | None:
    """The syntax tree of a module; None where there is no source, or none that can be read."""
    file = file_of(module)
    if file is None:
        return None
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deep
        return None


@cache
def file_of(module: str) -> File | None:
    """The source file of a module, found as Python would, without importing its parents."""
    steps = module.split(".")
    for folder in sys.path:
        place = File(folder or ".").joinpath(*steps)
        for candidate in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if candidate.is_file():
                return candidate
    return None


def _body(module: str) -> list[ast.stmt]:
    tree = tree_of(module)
    return tree.body if tree else []


@cache
def _assigned(module: str) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for one in _body(module):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            found[one.targets[0].id] = one.value
        elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.value:
            found[one.target.id] = one.value
    return found


@cache
def _from_imports(module: str) -> list[tuple[str, ast.alias]]:
    file = file_of(module)
    found: list[tuple[str, ast.alias]] = []
    for statement in _body(module):
        if isinstance(statement, ast.ImportFrom):
            origin = statement.module or ""
            if statement.level:
                up = statement.level - (1 if file and file.name == "__init__.py" else 0)
                parents = module.split(".")[: -up or None]
                origin = ".".join([*parents, *([origin] if origin else [])])
            found.extend((origin, one) for one in statement.names)
    return found
