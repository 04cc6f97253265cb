"""Macros: `%id` and `%file.yaml::id` stand for a copy of what is written there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path as File
from typing import Any

from bundlert.config.collector import paused
from bundlert.config.load import load
from bundlert.config.syntax import Form, absolute, form_of, macro_parts
from bundlert.config.tree import Node, Path, copied, find, joined
from bundlert.errors import ConfigError
from bundlert.files import resolved
from bundlert.text import chained, did_you_mean

MAX_COPIES = 200_000


def expand(root: Node) -> None:
    """Replace every macro in the tree, in place, macros of macros too, each file's relative to the file.

    Raises:
        ConfigError: A macro names nothing, or macros form a circle.
    """
    with paused():
        _Expansion(root, {}).run()


class _Expansion:
    """One pass over a tree: the files read so far, and those whose macros led here."""

    def __init__(self, root: Node, opening: dict[File, File]) -> None:
        self._root = root
        self._opening = opening
        self._files: dict[File, Node] = {}
        self._chain: dict[int, str] = {}  # the macros that wait for each other, by the identity of their nodes

    def run(self) -> None:
        count = 0
        pending: list[tuple[Path, Node, bool]] = [((), self._root, _is_macro(self._root))]
        while pending:
            path, node, is_copy = pending.pop()
            is_copy = is_copy or _is_macro(node)
            self._replace(path, node)
            kids = _kids(node)
            count += (1 + len(kids)) * is_copy
            if count > MAX_COPIES:
                raise ConfigError(f"macros stand for more than {MAX_COPIES:,} values", at=node.mark)
            worth = [((*path, str(step)), kid, is_copy) for step, kid in kids if _may_hold_macros(kid.value)]
            pending.extend(reversed(worth))

    def _replace(self, path: Path, node: Node) -> None:
        """If the node is a macro, put a copy of its target in its place; what the target needs is done before."""
        chain: list[Node] = []
        while _is_macro(node):
            if id(node) in self._chain:
                texts = list(self._chain.values())[list(self._chain).index(id(node)) :]
                circle = chained(f"'{text}'" for text in (*texts, node.value))
                raise ConfigError("macros form a circle", at=node.mark, path=joined(path), got=circle)
            self._chain[id(node)] = node.value
            chain.append(node)
            node, target = self._target(path, node)
            if target is not None and target == path[: len(target)]:
                raise ConfigError(
                    f"the macro '{chain[-1].value}' copies what it stands in", at=chain[-1].mark, path=joined(path)
                )
            path = target or ()
        for one in reversed(chain):
            del self._chain[id(one)]
            one.value = copied(node).value

    def _target(self, path: Path, node: Node) -> tuple[Node, Path | None]:
        """The node that a macro names, and its path if it is in this tree."""
        file, config_id = macro_parts(node.value)
        if file is None:
            wanted = absolute(config_id, path, node.mark)
            found = self._found(wanted)
            tree = self._root
        else:
            folder = File(node.mark.file).parent if node.mark.line else File()  # an override stands in no file
            tree = self._file(folder / file, node, path)
            wanted = absolute(config_id, (), node.mark)
            found = find(tree, wanted)
        if found is None:
            parent = find(tree, wanted[:-1]) or tree
            hint = did_you_mean(wanted[-1], parent.steps()) if wanted else None
            raise ConfigError(
                f"the macro '{node.value}' names nothing", at=node.mark, path=joined(path) or None, hint=hint
            )
        return found, wanted if file is None else None

    def _found(self, wanted: Path) -> Node | None:
        """The node at a path; a macro on the way is expanded first."""
        found: Node | None = self._root
        for depth, step in enumerate(wanted):
            if found is None:
                return None
            self._replace(wanted[:depth], found)
            found = found.child(step)
        return found

    def _file(self, file: File, node: Node, path: Path) -> Node:
        same = resolved(file)
        if same in self._opening:
            circle = chained(str(one) for one in (*self._opening.values(), file))
            raise ConfigError("macros of files form a circle", at=node.mark, path=joined(path), got=circle)
        if same not in self._files:
            tree = load(file, asked_at=node.mark, asked_by=joined(path) or None)
            _Expansion(tree, {**self._opening, same: file}).run()
            self._files[same] = tree
        return self._files[same]


def _kids(node: Node) -> Collection[tuple[Any, Node]]:
    if isinstance(node.value, dict):
        return node.value.items()
    return list(enumerate(node.value)) if isinstance(node.value, list) else ()


def _may_hold_macros(value: Any) -> bool:
    return value[:1] == "%" if isinstance(value, str) else isinstance(value, dict | list)


def _is_macro(node: Node) -> bool:
    return isinstance(node.value, str) and form_of(node.value) is Form.MACRO
