"""A component of a config: what is called, how, and whether at all."""

from __future__ import annotations

import pdb  # for `_mode_: debug`, at a terminal only
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from bundlert.config.check import placed
from bundlert.config.evaluation.names import Names
from bundlert.config.failures import of_call
from bundlert.config.syntax import MODES, YES
from bundlert.config.tree import Node, Path, joined
from bundlert.errors import BundlertError, ComponentError, ConfigError
from bundlert.progress import say

_NO = ("false", "no", "off", "0", "none", "null", "")


class Given(NamedTuple):
    """What a component is called with."""

    positional: Any
    named: Mapping[Any, Any]


def is_off(disabled: Any, path: Path, node: Node) -> bool:
    """Whether the value of `_disabled_` says yes.

    Raises:
        ConfigError: A text that means neither yes nor no.
    """
    if not isinstance(disabled, str):
        return bool(disabled)
    word = disabled.strip().lower()
    if word not in (*YES, *_NO):
        raise ConfigError(
            "'_disabled_' is true or false",
            at=node.value["_disabled_"].mark,
            path=joined((*path, "_disabled_")),
            got=f"'{disabled}'",
        )
    return word in YES


def factory_of(target: Any, names: Names, path: Path, node: Node) -> Callable[..., Any]:
    """What `_target_` names: by a text, or as a value that a reference or expression gave.

    Raises:
        ComponentError: Nothing that may be built.
    """
    written = node.value["_target_"]
    try:
        if isinstance(target, str):
            found: Callable[..., Any] = names.component(target)
            return found
    except BundlertError as error:
        raise placed(error, written, (*path, "_target_")) from None
    if names.is_component(target):
        made: Callable[..., Any] = target
        return made
    raise ComponentError(
        "'_target_' must name a component", at=written.mark, path=joined((*path, "_target_")), got=repr(target)
    )


def made(factory: Callable[..., Any], mode: Any, given: Given, path: Path, node: Node) -> Any:
    """The value of a component: the result of the call, or the call itself.

    Raises:
        ConfigError: There is no such mode.
        ComponentError: The component can't take the arguments.
    """
    positional, named = [] if given.positional is None else given.positional, given.named
    if not isinstance(positional, list | tuple):
        raise ConfigError(
            "'_args_' takes a list", at=node.value["_args_"].mark, path=joined((*path, "_args_")), got=repr(positional)
        )
    kind = mode.strip() if isinstance(mode, str) else mode
    if kind not in (None, *MODES):
        raise ConfigError(
            f"there is no mode '{mode}'",
            at=node.value["_mode_"].mark,
            path=joined(path),
            expected=f"{', '.join(MODES[:-1])} or {MODES[-1]}",
        )
    if kind == "callable":
        return partial(factory, *positional, **named) if positional or named else factory
    call = _debugged(factory, path) if kind == "debug" else factory
    try:
        return call(*positional, **named)
    except Exception as error:
        failure = of_call(error, factory, named, path, node)
        if failure is error:
            raise
        raise failure from error


def _debugged(factory: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """The call within Python's debugger, where somebody can type."""
    if sys.stdin is not None and sys.stdin.isatty():
        return partial(pdb.runcall, factory)
    say(f"'{joined(path)}' isn't debugged: there is no terminal")
    return factory
