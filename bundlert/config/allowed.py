"""What an expression may name: builtins, members of modules, attributes by the kind of value. What isn't here isn't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from bundlert.progress import say

MAX_RANGE = 1_000_000


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > MAX_RANGE:
        raise ValueError(f"a range must have at most {MAX_RANGE:,} items, got {len(made):,}")
    return made


def _print(*values: Any) -> None:
    say(" ".join(str(value) for value in values))


BUILTINS: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in (abs, all, any, bool, dict, divmod, enumerate, float, int, len)},
    **{
        function.__name__: function for function in (list, max, min, reversed, round, set, sorted, str, sum, tuple, zip)
    },
    "print": _print,
    "range": _range,
}

# The name in an expression -> the module it means.
NAMES = {"torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "os": "os"}

_TYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8")
_MATHS = ("ceil", "exp", "floor", "inf", "isclose", "log", "log2", "log10", "pi", "prod", "sqrt")

# Module -> its members. A module whose whole dotted name stands here is a member of its parent.
MODULES: dict[str, tuple[str, ...]] = {
    "math": _MATHS,
    "numpy": (*_TYPES, "arange", "array", "inf", "linspace", "pi"),
    "os": (),
    "os.path": ("basename", "dirname", "exists", "isdir", "isfile", "join", "splitext"),
    "torch": (*_TYPES, "bfloat16", "device", "bool", "long", "float", "half", "int", "pi", "tensor", "zeros", "ones"),
    "torch.cuda": ("device_count", "is_available", "is_bf16_supported"),
}

_TEXT_REFUSED = {"format", "format_map", "encode"}
_PATH = {"name", "stem", "suffix", "parent", "parts", "exists", "is_file", "is_dir", "as_posix", "joinpath"}
_PLAIN = (int, float, complex, bool, list, tuple, dict, set, frozenset, range)
# Objects of these packages were built from the registry, or given by such an object.
_PACKAGES = ("bundlert", "torch", "ignite")
_TENSOR_REFUSED = {"storage", "untyped_storage", "data_ptr", "register_hook", "apply_", "map_", "map2_"}


def may_read(value: Any, name: str) -> bool:
    """Whether an expression may read the public attribute `name` of a value."""
    if isinstance(value, type) or (callable(value) and hasattr(value, "__code__")):
        return False  # a class or function is called or handed on, not looked into
    if isinstance(value, str):
        return name not in _TEXT_REFUSED
    if isinstance(value, PurePath):
        return name in _PATH
    if isinstance(value, _PLAIN):
        return True
    package = type(value).__module__.partition(".")[0]
    return package in _PACKAGES and name not in _TENSOR_REFUSED
