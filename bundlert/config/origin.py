"""Each value of a tree with the place that set it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bundlert.config.dump import in_line
from bundlert.config.tree import Node, Path
from bundlert.errors import Mark


class Row(NamedTuple):
    """One line of a config: how deep it stands, its words, and for a value where it was set."""

    path: Path
    depth: int
    text: str
    mark: Mark | None


def origins(node: Node) -> Iterator[Row]:
    """The lines of a tree; without recursion."""
    pending: list[tuple[Path, int, str, Node]] = [((), 0, "", node)]
    while pending:
        path, depth, label, one = pending.pop()
        if not _is_block(one):
            yield Row(path, depth, f"{label} {in_line(one)}".strip(), one.mark)
            continue
        is_item = label.endswith("-")  # its first line stands right behind the `-`
        if label and not is_item:
            yield Row(path, depth, label, None)
        inner = depth + bool(label)
        kids = list(one.value.items() if isinstance(one.value, dict) else enumerate(one.value))
        labels = [f"{key}:" if isinstance(one.value, dict) else "-" for key, _ in kids]
        rows = [((*path, str(key)), inner, words, kid) for words, (key, kid) in zip(labels, kids, strict=True)]
        if is_item:
            rows[0] = (rows[0][0], depth, f"{label} {rows[0][2]}", rows[0][3])
        pending.extend(reversed(rows))


def _is_block(node: Node) -> bool:
    """Whether a value takes several lines: a mapping, or a list that isn't all plain and from one place."""
    if isinstance(node.value, dict):
        return bool(node.value)
    if not isinstance(node.value, list):
        return False
    places = {(kid.mark.file, kid.mark.line) for kid in node.value}
    return len(places) > 1 or any(isinstance(kid.value, dict | list) for kid in node.value)
