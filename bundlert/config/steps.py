"""The lists of what a run does: `initialize`, `run`, `finalize`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bundlert.config.build import Builder
from bundlert.config.syntax import Form, form_of
from bundlert.config.tree import Node, is_component, joined
from bundlert.errors import ConfigError


def idle_steps(root: Node, names: Iterable[str]) -> Iterator[ConfigError]:
    """The steps that would do nothing, since they are plain data; in the lists called `names`."""
    for name in names:
        steps = root.child(name)
        if steps is None:
            continue
        listed = isinstance(steps.value, list)
        for index, step in enumerate(steps.value if listed else [steps]):
            if not _acts(step):
                yield ConfigError(
                    f"nothing happens in a step of '{name}'",
                    at=step.mark,
                    path=joined((name, str(index)) if listed else (name,)),
                    got=repr(step.value) if not isinstance(step.value, dict | list) else "plain data",
                    expected="an expression, a reference or a component",
                    hint="put `$` before what is to be computed" if isinstance(step.value, str) else None,
                    rule="idle-step",
                )


def _acts(node: Node) -> bool:
    if isinstance(node.value, str):
        return form_of(node.value) is not Form.TEXT
    if isinstance(node.value, dict):
        return is_component(node) or any(map(_acts, node.value.values()))
    return node.value is None or (isinstance(node.value, list) and any(map(_acts, node.value)))


def do_steps(builder: Builder, root: Node, name: str) -> Any:
    """Do the steps of a list, in order, each anew however often this is called; gives the value of the last."""
    steps = root.child(name)
    if steps is None:
        return None
    if not isinstance(steps.value, list):
        return builder.get(name)
    value = None
    for index in range(len(steps.value)):
        step = f"{name}::{index}"
        value = builder.get(step)
        builder.forget(step)
    return value
