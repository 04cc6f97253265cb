"""Functions that stand in an expression for those of Python, where those do more than compute within bounds."""

from __future__ import annotations

import ast
import copy
import functools
import operator
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from importlib import import_module
from itertools import chain
from pathlib import PurePath
from typing import Any

from bundlert.config.evaluation import reading
from bundlert.config.evaluation.budget import Budget
from bundlert.config.evaluation.error import ExpressionError
from bundlert.progress import say
from bundlert.text import may_be_secret

MAX_RANGE = 1_000_000
_MOST_ROUNDS = 1000
_NUMBERS = frozenset({int, float, bool})
_WIDE = re.compile(r"\d{3,}")
_SWITCHES = {"torch.backends.cudnn": ("benchmark", "deterministic", "allow_tf32")}


class Module:
    """A listed module in an expression: a dotted name, of which only listed members exist."""

    __slots__ = ("dotted",)

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted


# ---- numbers and texts


def ranged(*bounds: int) -> range:
    """As `range`, of at most a million."""
    made = range(*bounds)
    if made[MAX_RANGE:]:
        raise ValueError(f"a range must have at most {MAX_RANGE:,} items, got {made}")
    return made


def told(*values: Any) -> None:
    """As `print`: one line for the user."""
    say(" ".join(str(value) for value in values))


def text_of(value: Any = "") -> str:
    """As `str`, of one value."""
    return str(value)


def total(values: Iterable[Any], start: Any = 0) -> Any:
    """As `sum`, but lists are joined in linear time, and each step of anything larger than a number counts."""
    values = list(values)
    if isinstance(start, list) and all(isinstance(value, list) for value in values):
        return [*start, *chain.from_iterable(values)]
    if isinstance(start, str | bytes) or _NUMBERS.issuperset(map(type, values)):
        return sum(values, start)  # refuses texts
    return _folded(ast.Add, operator.add, values, start)


def product(values: Iterable[Any], *, start: Any = 1) -> Any:
    """As `math.prod`, each step counted."""
    return _folded(ast.Mult, operator.mul, values, start)


def _folded(kind: type[ast.operator], function: Callable[[Any, Any], Any], values: Iterable[Any], start: Any) -> Any:
    budget, folded = Budget(), start
    for value in values:
        budget.binary(kind, folded, value)
        folded = budget.made(function(folded, value))
    return folded


def mapped(function: Callable[..., Any], *values: Iterable[Any]) -> list[Any]:
    """As `map`, at once."""
    return [function(*items) for items in zip(*values, strict=False)]


def filtered(function: Callable[[Any], Any] | None, values: Iterable[Any]) -> list[Any]:
    """As `filter`, at once."""
    return [value for value in values if (function(value) if function else value)]


def partial(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """As `functools.partial`."""
    return functools.partial(function, *arguments, **named)


def copied(value: Any) -> Any:
    """As `copy.copy`."""
    return copy.copy(value)


def deep_copied(value: Any) -> Any:
    """As `copy.deepcopy`."""
    return copy.deepcopy(value)


def formatted_time(moment: date, form: str) -> str:
    """As `strftime`, without widths, which have no bounds."""
    if _WIDE.search(form):
        raise ExpressionError(f"the format '{form[:20]}' is too wide")
    return moment.strftime(form)


# ---- settings of the process


class Environment:
    """The variables of the environment that hold no secret."""

    __slots__ = ()

    def get(self, name: str, default: Any = None) -> Any:
        """A variable's text, or the default."""
        return os.environ.get(harmless(name), default)

    def __getitem__(self, name: str) -> str:
        return os.environ[harmless(name)]

    def __contains__(self, name: str) -> bool:
        return harmless(name) in os.environ

    def __iter__(self) -> Iterator[str]:
        raise ExpressionError("the environment can't be listed", "name one variable: os.environ.get('X')")


def check_walk(values: Any) -> None:
    """Let values be walked through, unless they are those of the environment.

    Raises:
        ExpressionError: They are.
    """
    if isinstance(values, Environment):
        iter(values)


def harmless(name: str) -> str:
    """The name of a variable, unless it may hold a secret.

    Raises:
        ExpressionError: It may.
    """
    if may_be_secret(str(name)):
        raise ExpressionError(f"the variable '{name}' may hold a secret", "give the value as an override")
    return name


def switch(module: Any, name: str, value: Any) -> None:
    """As `setattr`, of a switch of a library."""
    check_switch(module, name, value)
    setattr(import_module(module.dotted), name, value)


def check_switch(module: Any, name: str, value: Any) -> None:
    """Let switches of libraries be set, to yes or no.

    Raises:
        ExpressionError: Anything else was to be set.
    """
    dotted = module.dotted if isinstance(module, Module) else type(module).__name__
    if name not in _SWITCHES.get(dotted, ()) or not isinstance(value, bool):
        known = "torch.backends.cudnn, 'benchmark' or 'deterministic', True or False"
        raise ExpressionError(f"'{name}' of '{dotted}' can't be set in an expression", f"only {known}")


def begin_group(backend: str | None = None, init_method: str | None = None) -> None:
    """As `torch.distributed.init_process_group`, where the launcher's variables say who takes part."""
    check_meeting(init_method)
    import_module("torch.distributed").init_process_group(backend=backend)


def check_meeting(init_method: Any) -> None:
    """Let processes meet where a launcher says so.

    Raises:
        ExpressionError: They were to meet elsewhere.
    """
    if init_method not in (None, "env://"):
        raise ExpressionError(f"processes can't meet at '{init_method}'", "leave `init_method` to the launcher")


class SearchPath:
    """Where Python looks for modules: a config can't lead it to code."""

    __slots__ = ()

    def append(self, folder: Any) -> None:
        """Tell that nothing is done."""
        say(f"'{folder}' isn't searched for code: that of a bundle runs with --trust only")


def grown(image: Any, structure: Any = None, iterations: int = 1) -> Any:
    """As `scipy.ndimage.binary_dilation`, by a small structure and of few rounds."""
    size = import_module("numpy").size(structure)
    if not 1 <= iterations * size <= _MOST_ROUNDS:
        raise ExpressionError(f"{iterations} rounds by a structure of {size} are more than {_MOST_ROUNDS} in all")
    return import_module("scipy.ndimage").binary_dilation(image, structure, iterations)


def floats(values: Any) -> Any:
    """As `torch.FloatTensor` of values, not of a size."""
    torch = import_module("torch")
    return torch.tensor(values, dtype=torch.float32)


ENVIRONMENT = Environment()

# Dotted name -> what stands for it.
OURS: Mapping[str, Any] = {
    "math.prod": product,
    "os.environ": ENVIRONMENT,
    "os.getenv": ENVIRONMENT.get,
    "os.listdir": reading.names_in,
    "os.path.exists": reading.is_there,
    "os.path.isdir": reading.is_folder,
    "os.path.isfile": reading.is_file,
    "glob.glob": reading.files_like,
    "json.load": reading.json_of,
    "json.loads": reading.json_in,
    "logging.info": told,
    "logging.warning": told,
    "functools.partial": partial,
    "copy.copy": copied,
    "copy.deepcopy": deep_copied,
    "scipy.ndimage.binary_dilation": grown,
    "sys.path": SearchPath(),
    "torch.FloatTensor": floats,
    "torch.distributed.init_process_group": begin_group,
}

# Of paths and moments, the methods that do more than compute within bounds.
METHODS: Mapping[tuple[type, str], Callable[..., Any]] = {
    (PurePath, "exists"): reading.is_there,
    (PurePath, "is_file"): reading.is_file,
    (PurePath, "is_dir"): reading.is_folder,
    (PurePath, "read_text"): reading.text_in,
    (PurePath, "glob"): reading.paths_like,
    (PurePath, "mkdir"): reading.make_folder,
    (PurePath, "rglob"): lambda folder, pattern: reading.paths_like(folder, f"**/{pattern}"),
    (date, "strftime"): formatted_time,
}
