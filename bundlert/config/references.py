"""Where references lead: ids of a tree, through references, up to the point where only a built value can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bundlert.config.evaluation.allowed import may_read, read
from bundlert.config.evaluation.expressions import parse_expression
from bundlert.config.syntax import Form, absolute, form_of, is_relative
from bundlert.config.tree import Node, Path, find, index_of, is_component, joined
from bundlert.errors import ConfigError
from bundlert.text import did_you_mean

_MAX_STEPS = 1000  # a reference through itself makes ever longer paths


def referred(path: Path, node: Node) -> list[Path]:
    """The paths that a text refers to, from left to right; none for a plain text."""
    form = form_of(node.value)
    if form is Form.REFERENCE:
        return [absolute(node.value[1:], path, node.mark)]
    if form is Form.EXPRESSION:
        parsed = parse_expression(node.value, at=node.mark, path=path, trusted=True)
        return [absolute(target, path, node.mark) for target in parsed.references.values()]
    return []


class Place(NamedTuple):
    """Where a reference leads: a node, its path, and the steps left to take in its built value."""

    path: Path
    node: Node
    rest: Path


class Leads:
    """Where the ids of one tree lead; each is followed once, so the tree must stay as it is.

    Args:
        root: A tree with its macros expanded.
    """

    __slots__ = ("_known", "_root", "_top")

    def __init__(self, root: Node) -> None:
        self._root = root
        self._top: dict[str, Node] = root.value if isinstance(root.value, dict) else {}
        self._known: dict[str, Place] = {}  # of ids that mean the same everywhere

    def find(self, target: str, path: Path, node: Node) -> Place:
        """Where an id (without sigil) leads that is written at a path.

        Raises:
            ConfigError: Nowhere.
        """
        if target.isidentifier() and (top := self._top.get(target)) is not None:
            return Place((target,), top, ())
        place = self._known.get(target)
        if place is None:
            place = lead(self._root, absolute(target, path, node.mark), node, path)
            if not is_relative(target):
                self._known[target] = place
        return place


def follow(root: Node, target: Path, asking: Node, asked_by: Path) -> tuple[Path, Path]:
    """The path of the node that a reference leads to, and the steps left to take in its built value.

    Raises:
        ConfigError: The path leads nowhere.
    """
    place = lead(root, target, asking, asked_by)
    return place.path, place.rest


def lead(root: Node, target: Path, asking: Node, asked_by: Path) -> Place:
    """Where a reference leads.

    A step leads through plain containers, through another reference, and into the written arguments of a component;
    the rest is taken in the value of an expression or component.

    Raises:
        ConfigError: The path leads nowhere.
    """
    seen: set[Path] = set()
    while True:
        node, depth = _descended(root, target)
        if depth == len(target):
            return Place(target, node, ())
        rest = target[depth:]
        if not isinstance(node.value, str):
            if is_component(node):
                return Place(target[:depth], node, rest)
            raise _missing(root, target[: depth + 1], target, asking, asked_by)
        form = form_of(node.value)
        if form is Form.EXPRESSION:
            return Place(target[:depth], node, rest)
        if form is not Form.REFERENCE:
            raise _missing(root, target[: depth + 1], target, asking, asked_by)
        seen.add(target)
        target = (*absolute(node.value[1:], target[:depth], node.mark), *rest)
        if target in seen or len(target) > _MAX_STEPS:
            raise ConfigError("references form a circle", at=asking.mark, path=joined(asked_by))


def _descended(root: Node, target: Path) -> tuple[Node, int]:
    """The last node on the way to a path that the tree has, and how many steps lead to it."""
    node = root
    for depth, step in enumerate(target):
        kid = node.child(step)
        if kid is None:
            return node, depth
        node = kid
    return node, len(target)


def step_into(value: Any, step: str, target: Path, path: Path, node: Node, *, trusted: bool = False) -> Any:
    """One step into a built value: a key, an index, or a public attribute (of trusted code any)."""
    if isinstance(value, Mapping):
        for key in value:
            if str(key) == step:
                return value[key]
        known = [str(key) for key in value]
    elif isinstance(value, list | tuple) and (index := index_of(step, value)) is not None:
        return value[index]
    else:
        if (trusted or may_read(value, step)) and hasattr(value, step):
            return read(value, step)
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
