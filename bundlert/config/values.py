"""Values of a config that the annotations of their component don't allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from bundlert.config.introspection.annotations import Kind, Kinds, fits, is_open, worded
from bundlert.config.introspection.signatures import Parameter
from bundlert.config.references import follow
from bundlert.config.syntax import Form, absolute, form_of
from bundlert.config.tree import Node, Path, find, joined
from bundlert.config.yaml_text import scalar
from bundlert.errors import BundlertError, ComponentError, ConfigError
from bundlert.registry.index import Component
from bundlert.text import did_you_mean

_MAX_SHOWN = 60
_LIKE_AN_ID = re.compile(r"@[\w:#-]+")
_ONE_COLON = re.compile(r"(?<!:):(?!:)")


def value_problems(
    root: Node, path: Path, node: Node, component: Component, parameter: Parameter
) -> Iterator[BundlertError]:
    """What is wrong with the value of one argument; nothing where it is computed.

    Args:
        root: The whole tree, in which references are followed to plain values.
        path: Where the value stands.
        node: The value.
        component: Whose argument it is.
        parameter: Which.
    """
    kinds = parameter.kinds
    if kinds is None:
        return
    place, value = _followed(root, path, node)
    if fits(value, kinds):
        return
    place, value, kinds = _culprit(place, value, kinds)
    literal = next((kind for kind in kinds if kind.name == "literal"), None)
    asked = f" for {joined(path)}" if place[: len(path)] != path else ""
    yield ComponentError(
        f"{component.kind} '{component.name}' can't take this '{parameter.name}'",
        at=value.mark,
        path=joined(place),
        got=_shown(value),
        expected=worded(kinds) + asked,
        hint=_hint(value, kinds, literal),
        rule="wrong-choice" if literal else "wrong-type",
    )


def _followed(root: Node, path: Path, node: Node) -> tuple[Path, Node]:
    """Where a reference leads, if to a plain value; else the node itself."""
    if isinstance(node.value, str) and form_of(node.value) is Form.REFERENCE:
        with suppress(ConfigError):  # told of elsewhere
            place, rest = follow(root, absolute(node.value[1:], path, node.mark), node, path)
            found = find(root, place)
            if found is not None and not rest:
                return place, found
    return path, node


def _culprit(path: Path, node: Node, kinds: Kinds) -> tuple[Path, Node, Kinds]:
    """The first item of a list that doesn't fit, where a list is asked for; else the value itself."""
    lists = [kind for kind in kinds if kind.name == "list"]
    if isinstance(node.value, list) and len(lists) == 1 and lists[0].items[0]:
        inside = lists[0].items[0]
        for index, kid in enumerate(node.value):
            if not fits(kid, inside):
                return _culprit((*path, str(index)), kid, inside)
    return path, node, kinds


def _shown(node: Node) -> str:
    value = node.value
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        plain = [kid.value for kid in value]
        simple = not any(isinstance(one, dict | list) for one in plain) and not any(map(is_open, value))
        text = f"[{', '.join(map(str, plain))}]" if simple else ""
        return text if text and len(text) <= _MAX_SHOWN else f"a list of {len(value)}"
    if isinstance(value, str):
        return f"the text '{value if len(value) <= _MAX_SHOWN else value[: _MAX_SHOWN - 3] + '...'}'"
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not _is_number(value) else str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _hint(node: Node, kinds: Kinds, literal: Kind | None) -> str | None:
    value = node.value
    if literal and isinstance(value, str):
        return did_you_mean(value, [one for one in literal.values if isinstance(one, str)])
    if isinstance(value, str) and value.startswith("@"):
        return _reference_hint(value)
    if isinstance(value, str) and value and fits(Node(scalar(value), node.mark), kinds):
        return f"remove the quotes: {value}"
    alone = Node([node], node.mark)
    if not isinstance(value, list | dict) and fits(alone, kinds):
        return f"write a list: [{value}]"
    if isinstance(value, list) and len(value) == 1 and fits(value[0], kinds):
        return f"without brackets: {value[0].value}"
    text = Node(str(value), node.mark)
    return f"put quotes around it: '{value}'" if _is_plain_scalar(value) and fits(text, kinds) else None


def _reference_hint(text: str) -> str | None:
    """What keeps a text that begins with `@` from being a reference."""
    if not _LIKE_AN_ID.fullmatch(text):
        return f'for an expression put $ before it: "${text}"'
    if "-" in text:
        return "an id that is referred to has letters, digits and _ only: rename it"
    return f"steps are separated by two colons: {_ONE_COLON.sub('::', text)}"


def _is_plain_scalar(value: object) -> bool:
    return value is not None and not isinstance(value, str | list | dict)
