"""An example of each component: the config, and what its picture shows."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from bundlert.config.build import Builder
from bundlert.config.dump import dump, in_line
from bundlert.config.load import load
from bundlert.config.tree import Node, plain
from bundlert.registry.registry import standard

FILE = Path(__file__).with_suffix(".yaml")
_CONFIG = "config"


class Example(NamedTuple):
    """How a component is tried.

    Attributes:
        name: The component.
        config: The config as YAML text.
        in_line: The same in one line.
        sample: The sample that it is tried on; None where a picture would show nothing.
        before: The entries of the sample that are shown.
        after: The entries of the result.
        window: The values that are shown as black and white in the result; those of the sample if None.
    """

    name: str
    config: str
    in_line: str
    sample: str | None
    before: list[str]
    after: list[str]
    window: tuple[float, float] | None

    def built(self) -> Any:
        """The component itself."""
        return Builder(_root(), standard()).get(f"{self.name}::{_CONFIG}")


@cache
def examples() -> dict[str, Example]:
    """All examples by the name of their component."""
    return {name: _example(name, node) for name, node in _root().value.items()}


@cache
def _root() -> Node:
    return load(FILE)


def _example(name: str, node: Node) -> Example:
    given = plain(node)
    shown = ["image"]
    return Example(
        name,
        dump(node.value[_CONFIG]),
        _flow(node.value[_CONFIG]),
        given.get("sample"),
        given.get("before", shown),
        given.get("after", shown),
        tuple(given["window"]) if "window" in given else None,
    )


def _flow(node: Node) -> str:
    """A config in one line of YAML."""
    if isinstance(node.value, dict):
        return f"{{{', '.join(f'{key}: {_flow(kid)}' for key, kid in node.value.items())}}}"
    return f"[{', '.join(map(_flow, node.value))}]" if isinstance(node.value, list) else in_line(node)
