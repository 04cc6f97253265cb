"""The tree of a config: values that know where they were written, and paths into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from bundlert.errors import Mark

Path: TypeAlias = tuple[str, ...]

SEPARATOR = "::"
_SEPARATORS = re.compile("::|#")
_MOST_DIGITS = 20


class Node:
    """One value of a config.

    Attributes:
        value: A dict of nodes, a list of nodes, or a scalar.
        mark: Where the value was written.
        key_mark: Where its key was written, for the value of a mapping.
    """

    __slots__ = ("key_mark", "mark", "value")

    def __init__(self, value: Any, mark: Mark, key_mark: Mark | None = None) -> None:
        self.value = value
        self.mark = mark
        self.key_mark = key_mark

    def __repr__(self) -> str:
        return f"Node({plain(self)!r}, {self.mark})"

    def child(self, step: str) -> Node | None:
        """The node one step down: the key of a mapping or the index in a list."""
        value = self.value
        if isinstance(value, dict):
            return value.get(step) or _by_text(value, step)
        if isinstance(value, list) and (index := index_of(step, value)) is not None:
            item: Node = value[index]
            return item
        return None

    def steps(self) -> list[str]:
        """The names of all children."""
        if isinstance(self.value, dict):
            return [str(key) for key in self.value]
        return [str(index) for index in range(len(self.value))] if isinstance(self.value, list) else []


def _by_text(mapping: dict[Any, Node], step: str) -> Node | None:
    """The value of a key that is no text: `3`, `True`."""
    if step.isdecimal() and len(step) < _MOST_DIGITS and int(step) in mapping:
        return mapping[int(step)]
    return next((node for key, node in mapping.items() if not isinstance(key, str) and str(key) == step), None)


def index_of(step: str, items: Sequence[Any]) -> int | None:
    """The index that a step means in a list, from its end if negative, or None."""
    digits = step.removeprefix("-")
    if not (digits.isdecimal() and len(digits) <= len(str(len(items)))):
        return None
    index = len(items) + int(step) if step.startswith("-") else int(step)
    return index if 0 <= index < len(items) else None


def is_component(node: Node) -> bool:
    """Whether a node is to be built by a call."""
    return isinstance(node.value, dict) and "_target_" in node.value


def split(config_id: str) -> Path:
    """The steps of an id: `a::b::0` (or the field's older `a#b#0`)."""
    if "::" in config_id or "#" in config_id:
        return tuple(_SEPARATORS.split(config_id))
    return (config_id,) if config_id else ()


def joined(path: Path) -> str:
    """The id of a path, as a person would type it."""
    return SEPARATOR.join(path)


def find(root: Node, path: Path) -> Node | None:
    """The node at a path, or None."""
    node: Node | None = root
    for step in path:
        if node is None:
            return None
        node = node.child(step)
    return node


def every(root: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """A node and all that it holds, in no order, what is disabled too; without recursion.

    Args:
        root: The node.
        path: Where it stands.
    """
    pending = [(path, root)]
    while pending:
        path, node = pending.pop()
        yield path, node
        if steps := node.steps():
            kids = node.value.values() if isinstance(node.value, dict) else node.value
            pending.extend(((*path, step), kid) for step, kid in zip(steps, kids, strict=True))


def copied(node: Node) -> Node:
    """A copy that shares nothing but scalars, without recursion."""
    top = Node(node.value, node.mark, node.key_mark)
    pending = [top]
    while pending:
        current = pending.pop()
        if isinstance(current.value, dict):
            current.value = {key: Node(kid.value, kid.mark, kid.key_mark) for key, kid in current.value.items()}
            pending.extend(current.value.values())
        elif isinstance(current.value, list):
            current.value = [Node(kid.value, kid.mark, kid.key_mark) for kid in current.value]
            pending.extend(current.value)
    return top


def plain(node: Node) -> Any:
    """The value without marks: dicts, lists and scalars, as they stand in the text; without recursion."""
    top: list[Any] = [None]
    pending: list[tuple[Any, Any, Node]] = [(top, 0, node)]
    while pending:
        container, place, one = pending.pop()
        value = one.value
        if isinstance(value, dict):
            container[place] = made = dict.fromkeys(value)
            pending.extend((made, key, kid) for key, kid in value.items())
        elif isinstance(value, list):
            container[place] = items = [None] * len(value)
            pending.extend((items, index, kid) for index, kid in enumerate(value))
        else:
            container[place] = value
    return top[0]


def planted(value: Any, mark: Mark) -> Node:
    """A tree made of plain dicts, lists and scalars, all marked with one place."""
    if isinstance(value, dict):
        return Node({key: planted(kid, mark) for key, kid in value.items()}, mark)
    if isinstance(value, list):
        return Node([planted(kid, mark) for kid in value], mark)
    return Node(value, mark)
