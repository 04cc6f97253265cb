"""A tree as YAML text that reads back to the same tree."""

from __future__ import annotations

from typing import Any

import yaml

from bundlert.config.tree import Node, plain

_WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Writes short lists of scalars in one line, everything else as blocks."""

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        """A list of scalars in one line."""
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = all(isinstance(item, yaml.ScalarNode) for item in node.value)
        return node

    def ignore_aliases(self, _data: Any) -> bool:
        """Write each value out: an anchor would tie together what was written apart."""
        return True


def dump(node: Node) -> str:
    """The YAML text of a tree, keys in their order."""
    return yaml.dump(plain(node), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
