"""A bundle's own components: found by reading its files, loaded only with trust, under a package name of their own.

A file of `components/` says in a line above each class or function what it is:

    # component: transform, brighten an image

Modules of a bundle are imported from source alone: no compiled file is read or written in its folder, no link leads
out of it, and the folder is never on `sys.path`, so that none of its files can pass for a module of Python.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from bundlert.errors import ComponentError, Mark
from bundlert.files import content_of
from bundlert.registry.index import Component

FOLDER = "components"
_PREFIX = "bundlert_own_"
_SAID = re.compile(r"# component: (\w+), (\S.*)")
_SUFFIX = ".py"
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # the last two: nested too deep

# Package name -> the bundle's folder.
_folders: dict[str, Path] = {}


def own_components(folder: Path) -> list[Component]:
    """The components that a bundle brings along in `components/`; its files are read, not run.

    Raises:
        ComponentError: A file isn't Python, or a `# component:` line isn't above a class or function.
    """
    files = sorted(file for file in (folder / FOLDER).glob(f"*{_SUFFIX}") if _is_inside(file, folder.resolve()))
    return [component for file in files for component in _said_in(file, f"{_package(folder)}.{FOLDER}.{file.stem}")]


def own_component(folder: Path, name: str) -> Component | None:
    """The class or function that a dotted name means in a bundle: `scripts.net.RegResNet`; None if it means none."""
    steps = name.split(".")
    if len(steps) < 2 or not all(step.isidentifier() for step in steps):
        return None
    module = f"{_package(folder)}.{'.'.join(steps[:-1])}"
    return Component("component", steps[-1], module, "of the bundle") if source_of(module) else None


def source_of(module: str) -> Path | None:
    """The source file of a bundle's module, found without importing it; None for every other module."""
    package, *steps = module.split(".")
    folder = _folders.get(package)
    if folder is None:
        return None
    place = folder.joinpath(*steps)
    candidates = (place / f"__init__{_SUFFIX}", place.with_name(f"{place.name}{_SUFFIX}"))
    return next((file for file in candidates if file.is_file() and _is_inside(file, folder)), None)


def is_own(module: str) -> bool:
    """Whether a module is a bundle's."""
    return module.partition(".")[0] in _folders


def import_own(module: str) -> ModuleType:
    """Import a bundle's module.

    Raises:
        ComponentError: It imports something that isn't there.
    """
    package = module.partition(".")[0]
    _make_importable(package)
    try:
        return import_module(module)
    except ImportError as error:
        place = module.removeprefix(f"{package}.")
        wanted = (error.name or package).partition(".")[0]
        hint = "correct the name, or put the file into the bundle" if wanted == package else "install it"
        if (_folders[package] / wanted).exists() or (_folders[package] / f"{wanted}{_SUFFIX}").exists():
            hint = "a bundle's modules import each other as `from .name import ...`"
        what = f"the bundle's module '{place}' can't be imported"
        raise ComponentError(what, got=str(error).replace(f"{package}.", ""), hint=hint) from error


def _said_in(file: Path, module: str) -> Iterator[Component]:
    try:
        text = content_of(file).decode()
        tree = ast.parse(text)
    except _UNREADABLE as error:
        raise _no_python(file, error) from None
    named = {_first_line(node): node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("# component"):
            continue
        said = _SAID.fullmatch(line.strip())
        if said is None or number + 1 not in named:
            raise ComponentError(
                "a component isn't said as it should be",
                at=Mark(str(file), number, 1),
                got=line.strip(),
                expected="`# component: KIND, WHAT IT IS FOR` right above a class or function",
            )
        yield Component(said[1], named[number + 1], module, said[2])


def _no_python(file: Path, error: Exception) -> ComponentError:
    at = Mark(str(file), getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0)
    got = getattr(error, "msg", None) or str(error) or "it is nested too deep"
    return ComponentError(f"'{file.name}' isn't a Python file", at=at, got=got)


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


# ---- how a bundle's modules are imported


def _package(folder: Path) -> str:
    """The name of the package that stands for a bundle's folder."""
    folder = folder.resolve()
    name = f"{_PREFIX}{sha256(str(folder).encode()).hexdigest()[:16]}"
    _folders.setdefault(name, folder)
    return name


def _make_importable(name: str) -> None:
    if name not in sys.modules:
        package = ModuleType(name, f"The modules of the bundle '{_folders[name].name}'.")
        package.__path__ = [str(_folders[name])]
        sys.modules[name] = package
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


class _FromSource(SourceFileLoader):
    """Compiles a file each time, from what was read once: what is run is what can be read, and what was trusted."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        content = content_of(Path(path))
        try:
            return self.source_to_code(content, path)
        except _UNREADABLE as error:
            raise _no_python(Path(path), error) from None


class _OwnFinder(MetaPathFinder):
    """Finds the modules of bundles, and no others."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        folder = _folders.get(fullname.partition(".")[0])
        if folder is None:
            return None
        for place in path or ():
            spec = FileFinder(place, (_FromSource, [_SUFFIX])).find_spec(fullname, target)
            found = spec and (spec.origin or next(iter(spec.submodule_search_locations or ()), None))
            if found and _is_inside(Path(found), folder):
                return spec
        # Not None: Python's own finder would be asked next, which follows links and takes compiled files.
        raise ModuleNotFoundError(f"No module named '{fullname.partition('.')[2]}' in the bundle", name=fullname)


_FINDER = _OwnFinder()


def _is_inside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder)
