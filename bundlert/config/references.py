"""Where references lead: ids of a tree, through references, up to the point where only a built value can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bundlert.config.allowed import may_read
from bundlert.config.expressions import parse_expression
from bundlert.config.syntax import Form, absolute, form_of
from bundlert.config.tree import Node, Path, find, index_of, is_component, joined
from bundlert.errors import ConfigError
from bundlert.text import did_you_mean

_MAX_HOPS = 12_000  # a reference through itself makes ever longer paths


def referred(path: Path, node: Node) -> list[Path]:
    """The paths that a text refers to, from left to right; none for a plain text."""
    form = form_of(node.value)
    if form is Form.REFERENCE:
        return [absolute(node.value[1:], path, node.mark)]
    if form is Form.EXPRESSION:
        parsed = parse_expression(node.value, at=node.mark, config_id=joined(path))
        return [absolute(target, path, node.mark) for target in parsed.references.values()]
    return []


def follow(root: Node, target: Path, asking: Node, asked_by: Path) -> tuple[Path, Path]:
    """The path of the node that a reference leads to, and the steps left to take in its built value.

    A step leads through plain containers, through another reference, and into the written arguments of a component;
    the rest is taken in the value of an expression or component.

    Raises:
        ConfigError: The path leads nowhere.
    """
    for _ in range(_MAX_HOPS):
        for depth in range(len(target) + 1):
            node = find(root, target[:depth])
            if node is None:
                raise _missing(root, target[:depth], target, asking, asked_by)
            if depth < len(target) and isinstance(node.value, str):
                break
            if depth < len(target) and is_component(node) and node.child(target[depth]) is None:
                return target[:depth], target[depth:]
        else:
            return target, ()
        form = form_of(node.value)
        if form is not Form.REFERENCE:
            if form is Form.EXPRESSION:
                return target[:depth], target[depth:]
            raise _missing(root, target[: depth + 1], target, asking, asked_by)
        target = (*absolute(node.value[1:], target[:depth], node.mark), *target[depth:])
    raise ConfigError("references form a circle", at=asking.mark, path=joined(asked_by))


def step_into(value: Any, step: str, target: Path, path: Path, node: Node) -> Any:
    """One step into a built value: a key, an index, or a public attribute."""
    if isinstance(value, Mapping):
        for key in value:
            if str(key) == step:
                return value[key]
        known = [str(key) for key in value]
    elif isinstance(value, list | tuple) and (index := index_of(step, value)) is not None:
        return value[index]
    else:
        if may_read(value, step) and hasattr(value, step):
            return getattr(value, step)
        known = [name for name in dir(value) if may_read(value, name)]
    raise ConfigError(
        f"the reference '@{joined(target)}' leads nowhere",
        at=node.mark,
        path=joined(path),
        got=f"a {type(value).__name__} has no '{step}'",
        hint=did_you_mean(step, known),
    )


def _missing(root: Node, missing: Path, target: Path, asking: Node, asked_by: Path) -> ConfigError:
    parent = find(root, missing[:-1]) or root
    guess = did_you_mean(missing[-1], parent.steps())
    if guess and len(missing) > 1:
        guess = guess.replace("'", f"'{joined(missing[:-1])}::", 1)
    return ConfigError(
        f"the reference '@{joined(target)}' leads nowhere",
        at=asking.mark,
        path=joined(asked_by) or None,
        got=f"there is no '{joined(missing)}'" if missing != target else None,
        hint=guess,
    )
