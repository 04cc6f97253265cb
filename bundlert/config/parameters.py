"""What of a config a user may set: its values with their defaults and descriptions, and its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bundlert.config.comments import comment_at
from bundlert.config.dump import in_line
from bundlert.config.syntax import PLACEHOLDER
from bundlert.config.tree import Node, is_component

OF_THE_RUN = ("initialize", "run", "finalize", "bundle_root", "imports")


class Setting(NamedTuple):
    """One thing that an override may set.

    Attributes:
        config_id: Its id.
        default: What is written: a value, or the name of a component.
        description: What `_desc_` or a comment says of it.
        is_part: Whether it is a component or a mapping, of which one rather sets an argument.
    """

    config_id: str
    default: str
    description: str
    is_part: bool


def settings_of(root: Node, file: str) -> list[Setting]:
    """All settings of a tree, those of the entry's own file first.

    Args:
        root: An assembled tree.
        file: The file of the entry.
    """
    rows = [(node.mark.file != file, setting) for node, setting in _settings(root)]
    return [setting for _, setting in sorted(rows, key=lambda row: row[0])]


def _settings(root: Node) -> Iterator[tuple[Node, Setting]]:
    for key, node in root.value.items():
        if not str(key).startswith("_") and key not in OF_THE_RUN:
            is_part = _is_part(node)
            default = _part(node) if is_part else "(must be given)" if node.value == PLACEHOLDER else in_line(node)
            yield node, Setting(str(key), default, _description(node), is_part)


def _is_part(node: Node) -> bool:
    if isinstance(node.value, dict):
        return True
    return isinstance(node.value, list) and any(isinstance(kid.value, dict) for kid in node.value)


def _part(node: Node) -> str:
    if is_component(node):
        return str(node.value["_target_"].value)
    if isinstance(node.value, list):
        return f"a list of {len(node.value)}"
    return ", ".join(str(key) for key in node.value if key != "_desc_") or "empty"


def _description(node: Node) -> str:
    written = node.value.get("_desc_") if isinstance(node.value, dict) else None
    if written is not None and isinstance(written.value, str):
        return " ".join(written.value.split())
    return comment_at(node.key_mark or node.mark)
