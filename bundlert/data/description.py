"""What something is, as plain values: two things with one description do the same."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np
import torch

from bundlert import __version__

_PLAIN = (bool, int, str)
_NO_STATE = ("builtins", "abc", "typing", "collections.abc")


def digest_of(description: Any) -> str:
    """A description in 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def described(value: Any) -> Any:
    """What a value is, in plain values that JSON holds.

    An object is its class, the class's `version` if it has one, the source file of the class, the version of this
    package, and its attributes. Arrays and tensors are their voxels.

    Raises:
        TypeError: Something in it can't be told by looking, the expression of a config for instance.
    """
    return _described(value, ())


def _described(value: Any, within: tuple[int, ...]) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    if id(value) in within:
        return {"circle": len(within) - within.index(id(value))}
    tell = next((tell for kinds, tell in _TELLERS if isinstance(value, kinds)), None)
    if tell is None:
        tell = _by_name if hasattr(value, "__qualname__") and hasattr(value, "__module__") else _object
    return tell(value, (*within, id(value)))


def _float(value: float, _within: tuple[int, ...]) -> Any:
    return {"float": value.hex()}


def _text(value: Any, _within: tuple[int, ...]) -> Any:
    return {_name(type(value)): str(value)}


def _mapping(value: Mapping[Any, Any], within: tuple[int, ...]) -> Any:
    pairs = [[_described(key, within), _described(kid, within)] for key, kid in value.items()]
    return {"dict": sorted(pairs, key=json.dumps)}


def _sequence(value: Sequence[Any], within: tuple[int, ...]) -> Any:
    return [_name(type(value)), *(_described(kid, within) for kid in value)]


def _set(value: Set[Any], within: tuple[int, ...]) -> Any:
    return {"set": sorted((_described(kid, within) for kid in value), key=json.dumps)}


def _partial(value: partial[Any], within: tuple[int, ...]) -> Any:
    return {"partial": _described([value.func, value.args, value.keywords], within)}


def _method(value: MethodType, within: tuple[int, ...]) -> Any:
    return {"method": _described([value.__func__, value.__self__], within)}


def _function(value: FunctionType, within: tuple[int, ...]) -> Any:
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    bound = _described([cells, value.__defaults__, value.__kwdefaults__], within)
    return {"function": [_name(value), _code(value.__code__), bound]}


def _by_name(value: Any, _within: tuple[int, ...]) -> Any:
    return {"named": [_name(value), _source(value.__module__ or "")]}


def _object(value: Any, within: tuple[int, ...]) -> Any:
    kind = type(value)
    sources = [[_name(one), _source(one.__module__)] for one in kind.__mro__ if one.__module__ not in _NO_STATE]
    if not hasattr(value, "__dict__") or any(vars(one).get("__slots__") for one in kind.__mro__):
        raise TypeError(f"a {_name(kind)} can't be told from another one by looking")
    version = getattr(kind, "version", None)
    return {"object": sources, "version": [__version__, str(version)], "with": _described(vars(value), within)}


def _numbers(value: Any, _within: tuple[int, ...]) -> Any:
    whole = value.detach().cpu().contiguous() if isinstance(value, torch.Tensor) else np.ascontiguousarray(value)
    if whole.dtype == object:
        raise TypeError(f"an array of objects can't be told from another one by looking: {value!s:.80}")
    raw = whole.reshape(-1).view(torch.uint8).numpy() if isinstance(whole, torch.Tensor) else whole
    return {"numbers": [str(whole.dtype), list(whole.shape), hashlib.sha256(raw.tobytes()).hexdigest()]}


def _code(code: CodeType) -> Any:
    """What a function does, without where it stands."""
    constants = [_code(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames)]


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


@cache
def _source(module: str) -> str:
    """The digest of the file of a module; nothing where there is none."""
    file = getattr(sys.modules.get(module), "__file__", None)
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""
    except OSError:
        return ""


_TELLERS: tuple[tuple[type | tuple[type, ...], Callable[[Any, tuple[int, ...]], Any]], ...] = (
    ((np.ndarray, np.generic, torch.Tensor), _numbers),  # before float: a float64 of numpy is one, too
    (float, _float),
    ((torch.dtype, torch.device, Path, np.dtype, complex, Enum), _text),
    ((bytes, bytearray), lambda value, _: {"bytes": value.hex()}),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
    ((set, frozenset), _set),
    (partial, _partial),
    (MethodType, _method),
    (FunctionType, _function),
    (type, _by_name),
)
