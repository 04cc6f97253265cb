"""The import statements of a config: which names they bind, seen without importing anything."""

from __future__ import annotations

from bundlert.config.evaluation.expressions import is_import, parse_expression
from bundlert.config.tree import Node
from bundlert.errors import ConfigError


def imports_of(root: Node) -> dict[str, str]:
    """Name -> the dotted name that it is bound to, by all import statements wherever they stand; the last wins."""
    bound: dict[str, str] = {}
    pending = [root]
    while pending:
        value = pending.pop().value
        if isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, str) and is_import(value):
            bound |= _bound(value, root)
    return bound


def _bound(text: str, root: Node) -> dict[str, str]:
    try:
        return parse_expression(text, at=root.mark, path=()).imports
    except ConfigError:  # told where it stands
        return {}
