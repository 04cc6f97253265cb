"""Macros: `%id` and `%file.yaml::id` stand for a copy of what is written there."""

from __future__ import annotations

from pathlib import Path as File

from bundlert.config.load import load
from bundlert.config.syntax import Form, absolute, form_of, macro_parts
from bundlert.config.tree import Node, Path, copied, find, joined
from bundlert.errors import ConfigError
from bundlert.text import did_you_mean


def expand(root: Node) -> None:
    """Replace every macro in the tree, in place, macros of macros too, each file's relative to the file.

    Raises:
        ConfigError: A macro names nothing, or macros form a circle.
    """
    _Expansion(root, ()).run()


class _Expansion:
    """One pass over a tree: the files read so far, and those whose macros led here."""

    def __init__(self, root: Node, opening: tuple[File, ...]) -> None:
        self._root = root
        self._opening = opening
        self._files: dict[File, Node] = {}

    def run(self) -> None:
        pending: list[tuple[Path, Node]] = [((), self._root)]
        while pending:
            path, node = pending.pop()
            if isinstance(node.value, str) and form_of(node.value) is Form.MACRO:
                self._replace(path, node)
            if isinstance(node.value, dict):
                pending.extend(((*path, str(key)), kid) for key, kid in node.value.items())
            elif isinstance(node.value, list):
                pending.extend(((*path, str(index)), kid) for index, kid in enumerate(node.value))

    def _replace(self, path: Path, node: Node) -> None:
        """Put a copy of the target in the node's place; a target that is a macro again is followed."""
        chain = [(node.mark.file, node.value)]
        source, tree, target_path = node, self._root, path
        while isinstance(source.value, str) and form_of(source.value) is Form.MACRO:
            tree, source, target_path = self._target(tree, source, target_path)
            step = (source.mark.file, source.value if isinstance(source.value, str) else None)
            if step[1] is not None and step in chain:
                circle = " -> ".join(f"'{text}'" for _, text in (*chain, step))
                raise ConfigError("macros form a circle", at=node.mark, path=joined(path), got=circle)
            chain.append(step)
        if target_path == path[: len(target_path)] and tree is self._root:
            raise ConfigError(f"the macro '{node.value}' copies what it stands in", at=node.mark, path=joined(path))
        node.value = copied(source).value

    def _target(self, tree: Node, node: Node, path: Path) -> tuple[Node, Node, Path]:
        file, config_id = macro_parts(node.value)
        if file is not None:
            tree, path = self._file(File(node.mark.file).parent / file, node, path), ()
        wanted = absolute(config_id, path, node.mark)
        found = find(tree, wanted)
        if found is None:
            parent = find(tree, wanted[:-1]) or tree
            hint = did_you_mean(wanted[-1], parent.steps()) if wanted else None
            raise ConfigError(
                f"the macro '{node.value}' names nothing", at=node.mark, path=joined(path) or None, hint=hint
            )
        return tree, found, wanted

    def _file(self, file: File, node: Node, path: Path) -> Node:
        if file in self._opening:
            circle = " -> ".join(str(one) for one in (*self._opening, file))
            raise ConfigError("macros of files form a circle", at=node.mark, path=joined(path), got=circle)
        if file not in self._files:
            tree = load(file, asked_at=node.mark, asked_by=joined(path) or None)
            _Expansion(tree, (*self._opening, file)).run()
            self._files[file] = tree
        return self._files[file]
