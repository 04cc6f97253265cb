"""A tree as YAML text that reads back to the same tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from bundlert.config.tree import Node
from bundlert.config.yaml_text import scalar

_WIDTH = 110
_LINE_BREAKS = "\x85\u2028\u2029\ufeff\r"
_RESOLVER: Any = yaml.resolver.Resolver()
_TEXT = yaml.resolver.Resolver.DEFAULT_SCALAR_TAG


def dump(node: Node) -> str:
    """The YAML text of a tree, keys in their order: lists of scalars in one line, everything else as blocks."""
    text = yaml.emit(_events(node), Dumper=yaml.SafeDumper, allow_unicode=True, width=_WIDTH)
    return str(text)


def in_line(node: Node) -> str:
    """A scalar or a list of scalars in one line, as it may be written in YAML."""
    return " ".join(dump(node).removesuffix("...\n").split())


def _events(node: Node) -> Iterator[yaml.Event]:
    """What the writer takes, in order; without recursion."""
    representer = yaml.representer.SafeRepresenter()
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    pending: list[Node | yaml.Event] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, yaml.Event):
            yield one
        elif isinstance(one.value, dict):
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
            pending.append(yaml.MappingEndEvent())
            for key, kid in reversed(one.value.items()):
                pending += [kid, Node(key, kid.mark)]
        elif isinstance(one.value, list):
            in_line = not any(isinstance(kid.value, dict | list) for kid in one.value)
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=in_line)
            pending += [yaml.SequenceEndEvent(), *reversed(one.value)]
        else:
            yield _scalar_event(representer.represent_data(one.value), one.value)
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _scalar_event(written: yaml.Node, value: Any) -> yaml.ScalarEvent:
    is_text = isinstance(value, str)
    implicit = (not is_text or _is_plain(written.value), is_text)
    odd = is_text and any(one in value for one in _LINE_BREAKS)  # only in quotes do they stay what they are
    style = '"' if odd else getattr(written, "style", None)
    return yaml.ScalarEvent(None, written.tag, implicit, written.value, style=style)


def _is_plain(text: str) -> bool:
    """Whether a text needs no quotes: neither our reader nor another takes it for something else."""
    try:
        return scalar(text) == text and bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT)
    except ValueError:
        return False
