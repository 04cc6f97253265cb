"""Placeholders `???` that a run would come to, seen before anything is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from bundlert.config.evaluation.expressions import parse_expression
from bundlert.config.references import Leads
from bundlert.config.syntax import PLACEHOLDER, YES, Form, form_of
from bundlert.config.tree import Node, Path, is_component, joined
from bundlert.errors import ConfigError


def unfilled(root: Node, names: Iterable[str]) -> Iterator[ConfigError]:
    """The placeholders that the top-level values called `names` need in any case, each once.

    What only a branch or a lambda of an expression needs, or a component that may be disabled, isn't told: such a run
    may do without.
    """
    leads = Leads(root)
    seen: set[Node] = set()
    pending: list[tuple[Path, Node]] = [((name,), node) for name in reversed([*names]) if (node := root.child(name))]
    while pending:
        path, node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.value == PLACEHOLDER:
            yield needs_a_value(path, node)
        elif isinstance(node.value, str):
            pending += reversed([*_referred(leads, path, node)])
        else:
            pending += reversed(_held(path, node))


def needs_a_value(path: Path, node: Node) -> ConfigError:
    """What is said of a placeholder that nobody gave a value."""
    name = joined(path)
    return ConfigError(f"'{name}' needs a value", at=node.mark, path=name, hint=f"give it: {name}=...", rule="no-value")


def _referred(leads: Leads, path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
    with suppress(ConfigError):  # told elsewhere
        for target in _targets(path, node):
            place = leads.find(target, path, node)
            yield place.path, place.node


def _targets(path: Path, node: Node) -> list[str]:
    form = form_of(node.value)
    if form is Form.REFERENCE:
        return [node.value[1:]]
    if form is not Form.EXPRESSION:
        return []
    parsed = parse_expression(node.value, at=node.mark, path=path, trusted=True)
    return [parsed.references[name] for name in parsed.eager]


def _held(path: Path, node: Node) -> list[tuple[Path, Node]]:
    """What a container holds, and a component takes."""
    if isinstance(node.value, list):
        return [((*path, str(index)), kid) for index, kid in enumerate(node.value)]
    if not isinstance(node.value, dict):
        return []
    if is_component(node) and (disabled := node.value.get("_disabled_")) is not None and not _is_no(disabled):
        return [((*path, "_disabled_"), disabled)]
    skipped = "_desc_" if is_component(node) else None
    return [((*path, str(key)), kid) for key, kid in node.value.items() if key != skipped]


def _is_no(disabled: Node) -> bool:
    """Whether a plain `_disabled_` says no."""
    value = disabled.value
    if not isinstance(value, str):
        return not value
    return form_of(value) is Form.TEXT and value.strip().lower() not in (*YES, PLACEHOLDER)
