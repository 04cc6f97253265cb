"""What depends on what in a config: things with an id, and which of them need which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from bundlert.config.check import walk
from bundlert.config.references import follow, referred
from bundlert.config.syntax import Form, form_of
from bundlert.config.tree import Node, Path, find, is_component, joined, split
from bundlert.errors import ComponentError, ConfigError
from bundlert.registry.registry import Registry
from bundlert.text import did_you_mean

VALUE, EXPRESSION, RUN = "value", "expression", "run"
_RUN_LISTS = ("initialize", "run", "finalize")
_MAX_DETAIL = 34


class Vertex(NamedTuple):
    """One thing of a graph.

    Attributes:
        config_id: Its id in the config.
        kind: `value`, `expression`, `run`, or the kind of a component: `network`, `loss`, ...
        detail: What it is: the component's name, or the value as it is written.
    """

    config_id: str
    kind: str
    detail: str


class Graph(NamedTuple):
    """Things by id, and pairs of which the first needs the second."""

    vertices: dict[str, Vertex]
    needs: list[tuple[str, str]]


def graph_of(root: Node, registry: Registry, part: str = "") -> Graph:
    """The graph of a tree: every component and value that has a name, or is referred to.

    Arguments that are written in place belong to their component. What `run`, `initialize` and `finalize` don't need is
    left out.

    Args:
        root: A tree with its macros expanded.
        registry: Tells the kinds of components.
        part: An id: only this, and what it needs.

    Raises:
        ConfigError: The config has no such id.
    """
    if find(root, split(part)) is None:
        raise ConfigError(f"the config has no '{part}'", hint=did_you_mean(part, root.steps()))
    references = list(_references(root))
    units = dict.fromkeys(_units(root, {target for _, target in references}))
    needs = dict.fromkeys((_owner(asking, units), _owner(target, units)) for asking, target in references)
    needs |= dict.fromkeys((_owner(path[:-1], units), path) for path in units)
    edges = [(one, other) for one, other in needs if one and other and one != other]
    starts = [path for path in units if path[: len(split(part))] == split(part)] or [_owner(split(part), units)]
    wanted = _reached(starts if part else [path for path in units if path[0] in _RUN_LISTS], edges)
    vertices = {joined(path): _vertex(path, find(root, path), registry) for path in units if path in wanted}
    return Graph(vertices, [(joined(one), joined(other)) for one, other in edges if {one, other} <= wanted])


def _references(root: Node) -> Iterator[tuple[Path, Path]]:
    for path, node in walk(root):
        if not isinstance(node.value, str):
            continue
        try:
            targets = [follow(root, target, node, path)[0] for target in referred(path, node)]
        except ConfigError:  # `bundlert check` tells of it
            continue
        yield from ((path, target) for target in targets)


def _units(root: Node, targets: set[Path]) -> list[Path]:
    """The paths of what has a box of its own: mappings that only group other things have none."""
    units: list[Path] = []
    pending: list[tuple[Path, Node]] = [((str(key),), kid) for key, kid in reversed(root.value.items())]
    while pending:
        path, node = pending.pop()
        groups = isinstance(node.value, dict) and node.value and not is_component(node) and path not in targets
        if not groups:
            units.append(path)
        elif path[0] != "_meta_":
            pending.extend(((*path, str(key)), kid) for key, kid in reversed(node.value.items()))
    nested = [one for one in sorted(targets) if one not in units and is_component(find(root, one) or root)]
    return [*units, *nested]


def _owner(path: Path, units: Collection[Path]) -> Path:
    return next((path[:depth] for depth in range(len(path), 0, -1) if path[:depth] in units), ())


def _reached(starts: Iterable[Path], edges: Iterable[tuple[Path, Path]]) -> set[Path]:
    following: dict[Path, list[Path]] = {}
    for one, other in edges:
        following.setdefault(one, []).append(other)
    reached: set[Path] = set()
    pending = list(starts)
    while pending:
        path = pending.pop()
        if path not in reached:
            reached.add(path)
            pending.extend(following.get(path, ()))
    return reached


def _vertex(path: Path, node: Node | None, registry: Registry) -> Vertex:
    name = joined(path)
    if node is None:
        return Vertex(name, VALUE, "")
    if is_component(node):
        target = str(node.value["_target_"].value)
        try:
            return Vertex(name, registry.find(target).kind, target.rpartition(".")[2])
        except ComponentError:
            return Vertex(name, EXPRESSION, cut(target))
    if path[0] in _RUN_LISTS:
        return Vertex(name, RUN, cut(_shown(node).strip("[]")))
    is_text = isinstance(node.value, str) and form_of(node.value) is not Form.TEXT
    return Vertex(name, EXPRESSION if is_text else VALUE, cut(_shown(node)))


def _shown(node: Node) -> str:
    value = node.value
    if isinstance(value, dict):
        return ", ".join(map(str, value)) or "{}"
    if isinstance(value, list):
        parts = [_short(kid) for kid in value]
        return ", ".join(parts) if any(is_component(kid) for kid in value) else f"[{', '.join(parts)}]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _short(node: Node) -> str:
    if is_component(node):
        return str(node.value["_target_"].value).rpartition(".")[2]
    return "..." if isinstance(node.value, dict | list) else _shown(node)


def cut(text: str) -> str:
    """A text short enough for a box."""
    text = " ".join(text.split())
    return text if len(text) <= _MAX_DETAIL else f"{text[: _MAX_DETAIL - 1]}…"
