"""What is known of the parts of an expression before it is evaluated: mostly nothing, often enough to refuse it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from bundlert.config.evaluation import allowed, functions, reading
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.functions import Module
from bundlert.errors import BundlertError
from bundlert.registry.libraries import listed_name
from bundlert.registry.registry import Registry

UNKNOWN = object()


class _Array(NamedTuple):
    """Stands for a tensor or array, so that neither torch nor numpy is imported."""

    kind: str
    attributes: Collection[str]


_TENSOR, _ARRAY = _Array("Tensor", allowed.TENSOR), _Array("ndarray", allowed.ARRAY)
_OF_NUMPY = ("arange", "array", "concatenate", "linspace", "ones", "zeros", "float16", "float32", "float64")
_OF_TORCH = ("FloatTensor", "cat", "from_numpy", "nan_to_num", "ones", "rand", "randn", "stack", "tensor", "zeros")
# Function -> a value of the kind that it gives.
_GIVEN: Mapping[str, Any] = {
    "bool": True,
    "dict": {},
    "filter": [],
    "float": 0.0,
    "functools.partial": partial(len),
    "int": 0,
    "len": 0,
    "list": [],
    "map": [],
    "open": StringIO(),
    "pathlib.Path": Path(),
    "pathlib.PurePath": Path(),
    "range": range(0),
    "set": set(),
    "sorted": [],
    "str": "",
    "tuple": (),
    **{f"numpy.{name}": _ARRAY for name in _OF_NUMPY},
    **{f"torch.{name}": _TENSOR for name in _OF_TORCH},
}
_WRITTEN: Mapping[type[ast.AST], Any] = {
    ast.Dict: {},
    ast.DictComp: {},
    ast.GeneratorExp: [],
    ast.JoinedStr: "",
    ast.Lambda: lambda: None,
    ast.List: [],
    ast.ListComp: [],
    ast.Set: set(),
    ast.SetComp: set(),
    ast.Tuple: (),
}
# Function -> the argument that decides whether it may be called, by place and name, and what decides it.
_DECISIVE: Mapping[str, tuple[int, str, Callable[[Any], object]]] = {
    "open": (1, "mode", reading.check_mode),
    "os.getenv": (0, "name", functions.harmless),
    "os.environ.get": (0, "name", functions.harmless),
    "torch.distributed.init_process_group": (1, "init_method", functions.check_meeting),
    **dict.fromkeys(("dict", "enumerate", "list", "set", "sorted", "tuple"), (0, "", functions.check_walk)),
}
# Where components come from that are surely classes or functions.
_LIBRARIES = ("builtins", "bundlert", "collections", "datetime", "ignite", "pathlib", "torch")


class Foresight:
    """What expressions of one config mean, as far as that shows.

    Args:
        registry: The components.
        imports: Name -> dotted name, for what the config's import statements bind.
    """

    def __init__(self, registry: Registry, imports: Mapping[str, str]) -> None:
        self._registry = registry
        self._imports = imports

    def dotted(self, node: ast.AST, bound: Collection[str]) -> str | None:
        """The whole name of what a name, or a member of a module, means; that of a builtin is its own.

        Args:
            node: A part of an expression.
            bound: The names that mean something else there.
        """
        if isinstance(node, ast.Name) and node.id not in bound:
            is_builtin = node.id in allowed.BUILTINS and node.id not in self._imports
            found = self._imports.get(node.id) or (None if is_builtin else allowed.NAMES.get(node.id))
            return found or (node.id if is_builtin or node.id in self._registry.dialects else None)
        if isinstance(node, ast.Attribute):
            parent = self.dotted(node.value, bound)
            return f"{parent}.{node.attr}" if parent is not None and self._has_members(parent) else None
        return None

    def _has_members(self, dotted: str) -> bool:
        return dotted in allowed.MODULES or self.is_of_field(dotted) or dotted == "os.environ"

    def is_of_field(self, dotted: str) -> bool:
        """Whether a name is one of the field's."""
        return dotted.partition(".")[0] in self._registry.dialects

    def value(self, node: ast.AST, bound: Collection[str]) -> Any:
        """A value of the kind that a part of an expression has, or `UNKNOWN`."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Call):
            return _GIVEN.get(self.dotted(node.func, bound) or "", UNKNOWN)
        dotted = self.dotted(node, bound)
        if dotted not in allowed.MODULES and self._is_component(dotted or _written(node), bound):
            return object
        return _WRITTEN.get(type(node), UNKNOWN) if dotted is None else _listed(dotted)

    def _is_component(self, name: str, bound: Collection[str]) -> bool:
        """Whether a name is that of a class or function, which is called or handed on, not looked into."""
        if name.partition(".")[0] in bound or (name not in self._registry and listed_name(name) is None):
            return False
        try:
            module = self._registry.find(name).module
        except BundlertError:  # a policy's, told elsewhere
            return False
        return module.partition(".")[0] in _LIBRARIES

    def check(self, node: ast.AST, bound: Collection[str]) -> None:
        """Let a part of an expression pass, unless it is clear that its evaluation would be refused.

        Raises:
            ExpressionError: It is.
        """
        if isinstance(node, ast.Attribute):
            self._check_attribute(node, bound)
        elif isinstance(node, ast.Subscript):
            if self.dotted(node.value, bound) == "os.environ" and isinstance(node.slice, ast.Constant):
                functions.harmless(str(node.slice.value))
        elif isinstance(node, ast.Call):
            self._check_call(node, bound)

    def _check_attribute(self, node: ast.Attribute, bound: Collection[str]) -> None:
        value = self.value(node.value, bound)
        if isinstance(value, Module) or value is UNKNOWN:
            may = isinstance(value, Module) or node.attr not in allowed.REFUSED
        elif isinstance(value, _Array):
            may = node.attr in value.attributes
        else:
            may = allowed.may_read(value, node.attr)
        if not may:
            kind = "" if value is UNKNOWN else f" of a {getattr(value, 'kind', type(value).__name__)}"
            raise ExpressionError(f"'.{node.attr}'{kind} isn't listed for expressions")

    def _check_call(self, node: ast.Call, bound: Collection[str]) -> None:
        name = self.dotted(node.func, bound) or ""
        if name in allowed.MODULES and _loaded_class(name) is None:
            raise ExpressionError(f"'{name}' can't be called")
        if name == "setattr" and len(node.args) == 3:
            self._check_switch(*(self.value(one, bound) for one in node.args))
        index, keyword, decide = _DECISIVE.get(name, (0, "", None))
        given = [one.value for one in node.keywords if one.arg == keyword]
        given += [one for one in node.args[index : index + 1] if not isinstance(one, ast.Starred)]
        value = self.value(given[0], bound) if given else UNKNOWN
        if decide and value is not UNKNOWN:
            decide(value)

    @staticmethod
    def _check_switch(module: Any, name: Any, value: Any) -> None:
        if UNKNOWN not in (module, name):
            functions.check_switch(module, name, True if value is UNKNOWN else value)


def _written(node: ast.AST) -> str:
    """A dotted name as it is written; nothing for anything else."""
    steps: list[str] = []
    while isinstance(node, ast.Attribute):
        steps.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *steps]) if isinstance(node, ast.Name) else ""


def _listed(dotted: str) -> Any:
    """What a listed name means, if that is known without an import."""
    if dotted in allowed.MODULES:
        return Module(dotted)
    return functions.OURS.get(dotted) or allowed.BUILTINS.get(dotted) or _loaded_class(dotted) or UNKNOWN


def _loaded_class(dotted: str) -> type | None:
    """A member of a module that is loaded, if it is a class."""
    parent, _, name = dotted.rpartition(".")
    found = getattr(sys.modules.get(parent), name, None)
    return found if isinstance(found, type) else None
