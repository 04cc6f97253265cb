"""What an expression may name: builtins, members of modules, attributes by the kind of value. What isn't here isn't."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import chain
from pathlib import PurePath
from typing import Any

from bundlert.config.budget import Budget
from bundlert.config.expressions import ExpressionError
from bundlert.progress import say
from bundlert.text import did_you_mean

MAX_RANGE = 1_000_000


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if made[MAX_RANGE:]:
        raise ValueError(f"a range must have at most {MAX_RANGE:,} items, got {made}")
    return made


def _print(*values: Any) -> None:
    say(" ".join(str(value) for value in values))


def _str(value: Any = "") -> str:
    return str(value)


def _sum(values: Iterable[Any], start: Any = 0) -> Any:
    """As the builtin, but lists are joined in linear time, and each step of anything larger than a number counts."""
    values = list(values)
    if isinstance(start, list) and all(isinstance(value, list) for value in values):
        return [*start, *chain.from_iterable(values)]
    if isinstance(start, str | bytes) or all(type(value) in (int, float, bool) for value in values):
        return sum(values, start)  # refuses texts
    return _folded(ast.Add(), operator.add, values, start)


def _prod(values: Iterable[Any], *, start: Any = 1) -> Any:
    return _folded(ast.Mult(), operator.mul, values, start)


def _folded(kind: ast.operator, function: Callable[[Any, Any], Any], values: Iterable[Any], start: Any) -> Any:
    budget, total = Budget(), start
    for value in values:
        budget.binary(kind, total, value)
        total = budget.made(function(total, value))
    return total


BUILTINS: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in (abs, all, any, bool, dict, divmod, enumerate, float, int, len)},
    **{function.__name__: function for function in (list, max, min, reversed, round, set, sorted, tuple, zip)},
    "print": _print,
    "range": _range,
    "str": _str,
    "sum": _sum,
}

# The name in an expression -> the module it means.
NAMES = {"torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "os": "os"}

_TYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8")
_MATHS = ("ceil", "exp", "floor", "inf", "isclose", "log", "log2", "log10", "pi", "prod", "sqrt")

# Members that are replaced by ours.
OURS: dict[str, Callable[..., Any]] = {"math.prod": _prod}

# Module -> its members. A module whose whole dotted name stands here is a member of its parent.
MODULES: dict[str, tuple[str, ...]] = {
    "math": _MATHS,
    "numpy": (*_TYPES, "arange", "array", "inf", "linspace", "pi"),
    "os": (),
    "os.path": ("basename", "dirname", "exists", "isdir", "isfile", "join", "splitext"),
    "torch": (*_TYPES, "bfloat16", "device", "bool", "long", "float", "half", "int", "pi", "tensor", "zeros", "ones"),
    "torch.cuda": ("device_count", "is_available", "is_bf16_supported"),
}


class Module:
    """A listed module in an expression: a dotted name, of which only listed members exist."""

    __slots__ = ("dotted",)

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted

    def member(self, name: str) -> Any:
        """A listed function, class or number, imported now; or a listed sub-module."""
        dotted = f"{self.dotted}.{name}"
        if dotted in MODULES:
            return Module(dotted)
        if name in MODULES[self.dotted]:
            return OURS.get(dotted) or getattr(import_module(self.dotted), name)
        hint = did_you_mean(name, MODULES[self.dotted])
        raise ExpressionError(f"'{dotted}' isn't listed for expressions", hint)


_TEXT = {
    *("capitalize", "casefold", "center", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal"),
    *("isdigit", "islower", "isspace", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix"),
    *("removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines"),
    *("startswith", "strip", "swapcase", "title", "upper", "zfill"),
}
_PATH = {"name", "stem", "suffix", "parent", "parts", "exists", "is_file", "is_dir", "as_posix", "joinpath"}
# What makes no more elements than the tensor has, and leads to no file or memory.
_TENSOR = {
    *("T", "abs", "all", "any", "argmax", "argmin", "bool", "ceil", "clone", "contiguous", "cpu", "cuda", "detach"),
    *("device", "dim", "double", "dtype", "exp", "flatten", "float", "floor", "grad", "half", "int", "is_cuda", "item"),
    *("log", "long", "max", "mean", "min", "ndim", "nelement", "numel", "numpy", "permute", "prod", "requires_grad"),
    *("requires_grad_", "reshape", "round", "shape", "size", "sqrt", "squeeze", "std", "sum", "t", "to", "tolist"),
    *("transpose", "unsqueeze", "var", "view"),
}
_PLAIN = (int, float, complex, bool, list, tuple, dict, set, frozenset, range)
# Objects of these packages were built from the registry, or given by such an object; of torch these classes only.
_PACKAGES = ("bundlert", "ignite")
_TORCH = {
    *("torch.Size", "torch.device", "torch.dtype", "torch.nn.modules.module.Module"),
    *("torch.optim.lr_scheduler.LRScheduler", "torch.optim.optimizer.Optimizer"),
}
_REFUSED = {"compile", "from_bytes", "to_bytes"}  # run a compiler; make as many bytes as a number says


def may_read(value: Any, name: str) -> bool:
    """Whether an expression or a reference may read the attribute `name` of a value."""
    is_code = isinstance(value, type) or (callable(value) and hasattr(value, "__code__"))
    if is_code or name.startswith("_") or name in _REFUSED:
        return False  # a class or function is called or handed on, not looked into
    if isinstance(value, str):
        return name in _TEXT
    if isinstance(value, PurePath):
        return name in _PATH
    if any(isinstance(value, kind) and hasattr(kind, name) for kind in _PLAIN):
        return True  # no more than the plain kind has: a numpy.float64 is a float that can write files
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(value).__mro__}
    if "torch.Tensor" in kinds:
        return name in _TENSOR
    module = type(value).__module__
    of_house = module.partition(".")[0] in _PACKAGES and not module.startswith("bundlert.config")
    return of_house or bool(kinds & _TORCH)
