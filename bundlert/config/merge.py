"""Several trees to one: later files and overrides win; a `+` before a key merges instead of replacing."""

from __future__ import annotations

from typing import Any

from bundlert.config.tree import Node, Path, find, is_component, joined, split
from bundlert.config.yaml_text import read_yaml
from bundlert.errors import ConfigError, Mark
from bundlert.text import did_you_mean

PLUS = "+"


def merge(base: Node, top: Node) -> None:
    """Put every top-level pair of `top` into `base`, in order.

    A key may be a deep id (`train::epochs`). A plain key replaces the whole value, `+key` joins dicts and lists.
    """
    for key, node in top.value.items():
        if isinstance(key, str) and (key.startswith(PLUS) or len(split(key.lstrip(PLUS))) > 1):
            put(base, key, node)
        else:
            base.value[key] = node


def put(root: Node, key: str, node: Node) -> None:
    """Set or, with a leading `+`, join the value at a deep id.

    Raises:
        ConfigError: The place doesn't exist, or two values of unlike kinds are to be joined.
    """
    joins = key.startswith(PLUS)
    path = split(key.removeprefix(PLUS))
    parent = find(root, path[:-1])
    if parent is None or not isinstance(parent.value, dict | list):
        raise _nowhere(root, path, node)
    known = parent.child(path[-1])
    if joins and known is not None:
        _join(known, node, joined(path))
    elif isinstance(parent.value, dict):
        parent.value[_key(parent, path[-1])] = node
    elif known is not None:
        parent.value[int(path[-1])] = node
    elif path[-1] == str(len(parent.value)):
        parent.value.append(node)
    else:
        raise _nowhere(root, path, node)


def _key(parent: Node, step: str) -> Any:
    """The key itself, which may be a number."""
    return step if step in parent.value else next((key for key in parent.value if str(key) == step), step)


def _join(known: Node, node: Node, config_id: str) -> None:
    if isinstance(known.value, dict) and isinstance(node.value, dict):
        known.value.update(node.value)
    elif isinstance(known.value, list) and isinstance(node.value, list):
        known.value.extend(node.value)
    else:
        raise ConfigError(
            f"'+{config_id}' joins two mappings or two lists",
            at=node.key_mark or node.mark,
            path=config_id,
            got=f"{type(known.value).__name__} and {type(node.value).__name__}",
            hint=f"write '{config_id}' to replace the value",
        )


def _nowhere(root: Node, path: Path, node: Node) -> ConfigError:
    """The error for a place that doesn't exist: the first step that is missing, and the nearest name there."""
    for depth in range(1, len(path) + 1):
        if find(root, path[:depth]) is None:
            parent = find(root, path[: depth - 1]) or root
            return ConfigError(
                f"there is no '{joined(path[:depth])}' to set '{joined(path)}' in",
                at=node.key_mark or node.mark,
                path=joined(path),
                hint=did_you_mean(path[depth - 1], parent.steps()),
            )
    return ConfigError(
        f"'{joined(path[:-1])}' is a plain value and holds no '{path[-1]}'",
        at=node.key_mark or node.mark,
        path=joined(path),
    )


# ---- overrides


def parse_override(text: str) -> tuple[str, Node]:
    """Id and value of `id=value`. The value is read as YAML: `true`, `null`, `1e-4`, `[1, 2]`, `{a: 1}`.

    Raises:
        ConfigError: There is no `=`, or no id before it.
    """
    config_id, equals, value = text.partition("=")
    mark = Mark(f"override '{text}'")
    if not equals or not config_id.strip("+"):
        raise ConfigError(f"'{text}' isn't an override", at=mark, expected="id=value, as in epochs=2")
    if value[:1] in ("@", "%", "$", "`"):
        return config_id, Node(value, mark, mark)
    try:
        node = read_yaml(value, mark.file)
    except ConfigError:
        return config_id, Node(value, mark, mark)  # a text that isn't YAML is a text
    _remark(node, mark)
    return config_id, node


def override(root: Node, config_id: str, node: Node) -> None:
    """Set one declared value.

    Raises:
        ConfigError: Nothing of this name is declared; an override must not pass unnoticed.
    """
    path = split(config_id.removeprefix(PLUS))
    parent = find(root, path[:-1])
    new_argument = len(path) > 1 and parent is not None and is_component(parent)
    appended = parent is not None and isinstance(parent.value, list) and path[-1] == str(len(parent.value))
    if find(root, path) is None and not new_argument and not appended:
        known = parent.steps() if parent is not None else root.steps()
        raise ConfigError(
            f"nothing called '{joined(path)}' is declared",
            at=node.mark,
            hint=did_you_mean(path[-1], known) or f"declared here: {', '.join(sorted(known))}",
        )
    put(root, config_id, node)


def _remark(node: Node, mark: Mark) -> None:
    pending = [node]
    while pending:
        one = pending.pop()
        one.mark = one.key_mark = mark
        pending.extend(one.value.values() if isinstance(one.value, dict) else [])
        pending.extend(one.value if isinstance(one.value, list) else [])
