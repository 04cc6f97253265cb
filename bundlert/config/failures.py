"""What went wrong in an expression or a component, told with the place in the config."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from traceback import walk_tb
from typing import Any

from bundlert.config.check import placed
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.tree import Node, Path, joined
from bundlert.errors import BundlertError, ComponentError, ConfigError

_LANGUAGE = ("bundlert.config.", "bundlert.registry.", "bundlert.bundle.")
_LIBRARIES = ("torch.", "ignite.", "collections", "datetime", "pathlib")
_LISTED = {"numpy", "torch", *sys.stdlib_module_names}
_MISTAKES = (ValueError, OSError, ArithmeticError, LookupError)


def of_expression(error: Exception, node: Node, path: Path) -> Exception:
    """The error to raise for one that came up while an expression was evaluated."""
    name = joined(path)
    if isinstance(error, ExpressionError):
        return ConfigError(str(error), at=node.mark, path=name, got=node.value, hint=error.hint)
    if isinstance(error, BundlertError):
        return placed(error, node, path)
    if isinstance(error, RecursionError):
        what = "expressions wait for each other too deep"
        hint = "refer to what is needed outside of `if`, `and`, `or`"
        return ConfigError(what, at=node.mark, path=name, got=node.value, hint=hint)
    if isinstance(error, _MISTAKES) or _is_of_language(error):
        return ConfigError(_worded(error), at=node.mark, path=name, got=node.value)
    error.add_note(f"  at: {node.mark} ({name}), while evaluating {node.value}")
    return error


def of_call(error: Exception, factory: Any, arguments: Mapping[Any, Any], path: Path, node: Node) -> Exception:
    """The error to raise for one that came up while a component was built: it names the argument."""
    if isinstance(error, BundlertError):
        return placed(error, node, path)
    name = getattr(factory, "__name__", str(factory))
    of_library = str(getattr(factory, "__module__", "")).startswith(_LIBRARIES)  # its words are for people too
    if not isinstance(error, TypeError | ValueError | OSError) and not of_library:
        error.add_note(f"  at: {node.mark} ({joined(path)}), while building '{name}'")
        return error
    culprit = _culprit(arguments, str(error))
    kid = node.value[culprit] if culprit is not None else node.value["_target_"]
    return ComponentError(
        f"'{name}' can't be built: {_worded(error)}",
        at=kid.key_mark or kid.mark,
        path=joined((*path, str(culprit))) if culprit is not None else joined(path),
    )


def _culprit(arguments: Mapping[Any, Any], message: str) -> Any:
    """The argument that a message is about: `pixdim must be > 0`, `unexpected keyword argument 'pixdim'`."""
    first = re.match(r"\w*", message)
    named = [first[0] if first else "", *re.findall(r"'(\w+)'", message)]
    return next((name for name in named if name in arguments), None)


def _is_of_language(error: Exception) -> bool:
    """Whether the expression itself failed (`1 + 'a'`), or a library in its hands, not the code of a component."""
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__)]
    return bool(modules) and all(one.startswith(_LANGUAGE) or one.partition(".")[0] in _LISTED for one in modules)


def _worded(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no key {error}"
    return str(error) or type(error).__name__
