"""YAML text to a tree, from PyYAML's events: no tags, no duplicate keys, bounded depth and size, no recursion."""

from __future__ import annotations

import re
from typing import Any

import yaml

from bundlert.config.tree import Node, copied
from bundlert.errors import ConfigError, Mark

MAX_DEPTH = 500  # libyaml has a limit of its own, 1000, and less to say
MAX_NODES = 1_000_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_MAKE = yaml.constructor.SafeConstructor()
_MADE = {
    "tag:yaml.org,2002:null": _MAKE.construct_yaml_null,
    "tag:yaml.org,2002:bool": _MAKE.construct_yaml_bool,
    "tag:yaml.org,2002:int": _MAKE.construct_yaml_int,
    "tag:yaml.org,2002:float": _MAKE.construct_yaml_float,
    "tag:yaml.org,2002:timestamp": _MAKE.construct_yaml_timestamp,
}
# YAML 1.1 takes `1e-4` for a text and `12:30:45` for a number; people mean the opposite.
_FLOAT_WITHOUT_DOT = re.compile(r"[-+]?\d+[eE][-+]?\d+\Z")
_SEXAGESIMAL = re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?\Z")


class _Merge:
    """The key `<<` without quotes."""

    def __str__(self) -> str:
        return "<<"


_MERGE = _Merge()


class _Open:
    """A container that is being read."""

    __slots__ = ("anchor", "key", "names", "nodes", "target")

    def __init__(self, target: Node, anchor: str | None) -> None:
        self.target = target
        self.anchor = anchor
        self.key: tuple[Any, Mark] | None = None
        self.names: set[str] = set()
        self.nodes = 1


def read_yaml(text: str, file: str) -> Node:
    """The tree of a YAML text.

    Args:
        text: The whole text.
        file: Its name in messages.

    Raises:
        ConfigError: Bad YAML, a tag, a key written twice, too deep, or too large once aliases are expanded.
    """
    return _Reader(file).read(text)


class _Reader:
    """One reading: the open containers, the anchors seen."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._root: Node | None = None

    def read(self, text: str) -> Node:
        try:
            for event in yaml.parse(text, Loader=_Loader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = Mark(self._file, mark.line + 1, mark.column + 1) if mark else Mark(self._file)
            raise ConfigError(f"not valid YAML: {_worded(error)}", at=at, hint=_advice(error, text)) from None
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            raise ConfigError(f"not valid YAML: {error}", at=Mark(self._file)) from None
        return self._root or Node(None, Mark(self._file, 1, 1))

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._no_tag(event, ("!",))
            self._add(Node(self._value(event), self._mark(event)), event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._no_tag(event)
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self._open.pop()
            if isinstance(done.target.value, dict):
                _merge_keys(done.target)
            self._add(done.target, done.anchor, done.nodes)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
            raise ConfigError("a config is one document", at=self._mark(event), hint="remove the second `---`")

    def _value(self, event: Any) -> Any:
        if not event.implicit[0]:
            return event.value
        top = self._open[-1] if self._open else None
        if event.value == "<<" and top and isinstance(top.target.value, dict) and top.key is None:
            return _MERGE
        try:
            return scalar(event.value)
        except ValueError as error:  # the 31st of February, a number of 5,000 digits
            shown = event.value if len(event.value) <= 40 else f"{event.value[:37]}..."
            raise ConfigError(
                f"'{shown}' can't be read: {error}", at=self._mark(event), hint="put quotes around a text"
            ) from None

    def _begin(self, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", at=self._mark(event))
        empty: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(Node(empty, self._mark(event)), event.anchor))

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise ConfigError(f"no anchor '&{event.anchor}' stands before this", at=self._mark(event))
        node, nodes = self._anchors[event.anchor]
        self._count(nodes, event)
        self._add(copied(node), None, nodes)

    def _count(self, nodes: int, event: Any) -> None:
        if sum(one.nodes for one in self._open) + nodes > MAX_NODES:
            raise ConfigError(f"more than {MAX_NODES:,} values once aliases are expanded", at=self._mark(event))

    def _add(self, node: Node, anchor: str | None, nodes: int = 1) -> None:
        if anchor:
            self._anchors[anchor] = (node, nodes)
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        top.nodes += nodes
        if isinstance(top.target.value, list):
            top.target.value.append(node)
        elif top.key is None:
            top.key = (self._key(node), node.mark)
        else:
            key, top.key = top.key, None
            self._set(top, key, node)

    def _key(self, node: Node) -> Any:
        if isinstance(node.value, dict | list):
            raise ConfigError("a key must be a text or a number, not a list or mapping", at=node.mark)
        return node.value

    def _set(self, top: _Open, key: tuple[Any, Mark], node: Node) -> None:
        (name, node.key_mark), mapping = key, top.target.value
        if name in mapping or str(name) in top.names:  # `1` and `'1'` would have one id
            first = next(kid.key_mark for known, kid in mapping.items() if known == name or str(known) == str(name))
            raise ConfigError(f"the key '{name}' is written twice", at=key[1], got=f"first at {first}", hint="keep one")
        mapping[name] = node
        top.names.add(str(name))

    def _no_tag(self, event: Any, fine: tuple[str, ...] = ()) -> None:
        if event.tag is not None and event.tag not in fine:
            raise ConfigError(
                f"the YAML tag '{event.tag}' isn't allowed", at=self._mark(event), hint="write a plain value"
            )

    def _mark(self, event: Any) -> Mark:
        return Mark(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def scalar(text: str) -> Any:
    """The value of an unquoted word, by YAML 1.1's rules but for exponents and sexagesimals."""
    if not text:
        return None
    if _FLOAT_WITHOUT_DOT.match(text):
        return float(text)
    for tag, pattern in _RESOLVERS.get(text[0], ()):
        if pattern.match(text) and tag in _MADE and not _SEXAGESIMAL.match(text):
            return _MADE[tag](yaml.ScalarNode(tag, text))
    return text


def _merge_keys(mapping: Node) -> None:
    """Take over what `<<: *anchor` names, under what the mapping says itself."""
    merged = mapping.value.pop(_MERGE, None)
    if merged is None:
        return
    for source in merged.value if isinstance(merged.value, list) else [merged]:
        if not isinstance(source.value, dict):
            raise ConfigError("`<<` takes a mapping or a list of mappings", at=merged.mark)
        for key, node in source.value.items():
            mapping.value.setdefault(key, node)


def _worded(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return ", ".join(parts)


def _advice(error: yaml.MarkedYAMLError, text: str) -> str | None:
    mark = error.problem_mark
    if mark is None:
        return None
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with blanks, not with a tab"
    character = line[mark.column : mark.column + 1]
    if character in ("@", "%", "`"):
        return f"put quotes around a value that begins with '{character}'"
    if "mapping values are not allowed" in (error.problem or ""):
        return "put quotes around a value that holds ': ', or mend the indentation of the line before"
    return "mend the indentation of this line, or of the one before" if error.context else None
