"""Several trees to one: later files and overrides win; a `+` before a key merges instead of replacing."""

from __future__ import annotations

from typing import Any

from bundlert.config.syntax import Form, form_of
from bundlert.config.tree import Node, Path, find, is_component, joined, split
from bundlert.config.yaml_text import read_yaml
from bundlert.errors import ConfigError, Mark
from bundlert.text import did_you_mean, listed

PLUS = "+"


def merge(base: Node, top: Node) -> None:
    """Put every top-level pair of `top` into `base`: first the plain keys, then the others, in order.

    A key may be a deep id (`train::epochs`). A plain key replaces the whole value, `+key` joins dicts and lists.

    Raises:
        ConfigError: A deep id leads nowhere, or two values of unlike kinds are to be joined.
    """
    _replace(base, top)
    for key, node in top.value.items():
        if is_elsewhere(key):
            put(base, key, node)


def layer(base: Node, top: Node) -> None:
    """As `merge`, but what finds no place stays as it is written, for the tree that `base` will be merged over."""
    _replace(base, top)
    for key, node in top.value.items():
        if not is_elsewhere(key):
            continue
        if _has_place(base, key):
            put(base, key, node)
        elif key.startswith(PLUS) and key in base.value:
            _join(base.value[key], node, key.removeprefix(PLUS))
        else:
            base.value[key] = node


def is_elsewhere(key: Any) -> bool:
    """Whether a top-level key names a deep place, or one to join to."""
    return isinstance(key, str) and (key.startswith(PLUS) or len(split(key)) > 1)


def _replace(base: Node, top: Node) -> None:
    """Put the plain keys of `top` in, in place of all that `base` says there."""
    plain = {key: node for key, node in top.value.items() if not is_elsewhere(key)}
    for key in [key for key in base.value if is_elsewhere(key)]:
        if split(key.removeprefix(PLUS))[:1] in {(str(one),) for one in plain}:
            del base.value[key]
    base.value.update(plain)


def _has_place(base: Node, key: str) -> bool:
    path = split(key.removeprefix(PLUS))
    return find(base, path if key.startswith(PLUS) else path[:-1]) is not None


def put(root: Node, key: str, node: Node) -> None:
    """Set or, with a leading `+`, join the value at a deep id.

    Raises:
        ConfigError: The place doesn't exist, or two values of unlike kinds are to be joined.
    """
    joins = key.startswith(PLUS)
    path = split(key.removeprefix(PLUS)) or ("",)
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
    """Id and value of `id=value`. The value is read as YAML: `true`, `null` (or `None`), `1e-4`, `[1, 2]`, `{a: 1}`.

    Raises:
        ConfigError: There is no `=`, or no id before it.
    """
    config_id, equals, value = text.partition("=")
    mark = Mark(f"override '{text}'")
    if not equals or not config_id.strip("+"):
        raise ConfigError(f"'{text}' isn't an override", at=mark, expected="id=value, as in epochs=2")
    if value == "None":  # as people write it who know Python
        return config_id, Node(None, mark, mark)
    if value[:1] in ("@", "%", "$", "`", "#"):
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
        raise _undeclared(root, path, node)
    put(root, config_id, node)


def _undeclared(root: Node, path: Path, node: Node) -> ConfigError:
    for depth in range(1, len(path)):
        above = find(root, path[:depth])
        if above is not None and isinstance(above.value, str) and form_of(above.value) is not Form.TEXT:
            return ConfigError(
                f"'{joined(path[:depth])}' is computed, so nothing can be set in it",
                at=node.mark,
                got=f"{above.value} at {above.mark}",
                hint=f"set what it is computed from, or all of it: {joined(path[:depth])}=...",
            )
    known = (find(root, path[:-1]) or root).steps()
    return ConfigError(
        f"nothing called '{joined(path)}' is declared",
        at=node.mark,
        hint=did_you_mean(path[-1], known) or (f"declared here: {listed(sorted(known))}" if known else None),
    )


def _remark(node: Node, mark: Mark) -> None:
    pending = [node]
    while pending:
        one = pending.pop()
        one.mark = one.key_mark = mark
        pending.extend(one.value.values() if isinstance(one.value, dict) else [])
        pending.extend(one.value if isinstance(one.value, list) else [])
