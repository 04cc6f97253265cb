"""Builds objects from a tree: each node at most once, when somebody asks for it, without recursion in depth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any, TypeAlias

from bundlert.config.check import placed
from bundlert.config.collector import rarely
from bundlert.config.component import Given, factory_of, is_off, made
from bundlert.config.evaluation.evaluate import Evaluator
from bundlert.config.evaluation.expressions import Expression, parse_expression
from bundlert.config.evaluation.names import Names
from bundlert.config.failures import of_expression
from bundlert.config.imports import imports_of
from bundlert.config.references import Leads, Place, step_into
from bundlert.config.syntax import PLACEHOLDER, RESERVED, Form, form_of, unescaped
from bundlert.config.tree import Node, Path, find, joined, split
from bundlert.config.unfilled import needs_a_value
from bundlert.errors import BundlertError, ConfigError
from bundlert.registry.registry import Registry
from bundlert.text import chained, did_you_mean

_Wanted: TypeAlias = tuple[Path, Node]
# A generator that builds one node: it yields what it needs and is sent the values.
_Work: TypeAlias = Generator[_Wanted, Any, Any]

_OFF = object()  # the value of a disabled component
_WAIT = object()  # what isn't built yet
_CONTAINERS = (dict, list)
_SIGILS = ("@", "$", "%", "?")


class Builder:
    """Gives the values of a tree's nodes.

    Args:
        root: A tree with its macros expanded.
        registry: The components that `_target_` and expressions may name.
    """

    def __init__(self, root: Node, registry: Registry) -> None:
        self._root = root
        self._names = Names(registry, partial(imports_of, root))
        self._built: dict[Node, Any] = {}
        self._leads = Leads(root)
        self._mine = threading.local()  # what waits in this thread: lambdas of a config are called by loaders too

    def get(self, config_id: str = "") -> Any:
        """The value of a node, built with all it needs, now or before.

        Raises:
            ConfigError: The id doesn't exist, or what it needs can't be built.
        """
        path = split(config_id)
        node = find(self._root, path)
        if node is None:
            hint = did_you_mean(joined(path), self._root.steps())
            raise ConfigError(f"the config has no '{joined(path)}'", hint=hint)
        return self._resolved(path, node)

    def forget(self, config_id: str) -> None:
        """Let a node be built again when it is asked for next; what it refers to stays."""
        node = find(self._root, split(config_id))
        if node is not None:
            self._built.pop(node, None)

    @rarely()
    def _resolved(self, path: Path, node: Node) -> Any:
        """Build a node: a stack of generators stands for the chain of those that wait for each other."""
        open_ = self._open()
        stack: list[tuple[Node, _Work]] = []
        wanted: _Wanted | None = (path, node)
        try:
            while wanted:
                value = self._built.get(wanted[1], _WAIT)
                if value is _WAIT:
                    stack.append(self._begun(*wanted, open_))
                    value = None
                wanted = self._advanced(stack, value, open_)
        finally:
            for left, _ in stack:
                open_.pop(left, None)
        value = self._built[node]
        return None if value is _OFF else value

    def _advanced(self, stack: list[tuple[Node, _Work]], value: Any, open_: dict[Node, Path]) -> _Wanted | None:
        """Let the topmost go on with a value, and the next with its result; gives what one wants that isn't built."""
        while stack:
            node, work = stack[-1]
            try:
                return work.send(value)
            except StopIteration as done:
                value = self._built[node] = done.value
            stack.pop()
            del open_[node]
        return None

    def _open(self) -> dict[Node, Path]:
        """The nodes of this thread that wait for another."""
        if not hasattr(self._mine, "open"):
            self._mine.open = {}
        waiting: dict[Node, Path] = self._mine.open
        return waiting

    def _begun(self, path: Path, node: Node, open_: dict[Node, Path]) -> tuple[Node, _Work]:
        if node in open_:
            raise _circle(path, node, open_)
        open_[node] = path
        return node, self._work(path, node)

    # ---- one generator a kind of node

    def _work(self, path: Path, node: Node) -> _Work:
        if isinstance(node.value, dict):
            return self._component(path, node) if "_target_" in node.value else self._mapping(path, node, ())
        if isinstance(node.value, list):
            return self._list(path, node)
        if _is_reference(node):
            return self._reference(node.value[1:], path, node)
        return self._text(path, node)

    def _list(self, path: Path, node: Node) -> _Work:
        items: list[Any] = []
        for index, kid in enumerate(node.value):
            value = self._ready(path, index, kid)
            if value is _WAIT:
                value = yield (*path, str(index)), kid
            if value is not _OFF:
                items.append(value)
        return items

    def _mapping(self, path: Path, node: Node, skipped: tuple[str, ...]) -> Generator[_Wanted, Any, dict[Any, Any]]:
        values: dict[Any, Any] = {}
        for key, kid in node.value.items():
            if key in skipped:
                continue
            value = self._ready(path, key, kid)
            if value is _WAIT:
                value = yield (*path, str(key)), kid
            if value is not _OFF:
                values[key] = value
        return values

    def _ready(self, path: Path, step: Any, kid: Node) -> Any:
        """The value of a child that is plain, or a reference to what was built; else `_WAIT`."""
        value = kid.value
        if not isinstance(value, str):
            return _WAIT if isinstance(value, _CONTAINERS) else value
        if not value.startswith(_SIGILS):
            return value
        form = form_of(value)
        if form is Form.TEXT:
            return _WAIT if value == PLACEHOLDER else unescaped(value)
        here = (*path, str(step))
        if form is Form.EXPRESSION:
            return self._at_once(here, kid)
        if form is not Form.REFERENCE:
            return _WAIT
        place = self._leads.find(value[1:], here, kid)
        known = _WAIT if place.rest else self._built.get(place.node, _WAIT)
        return None if known is _OFF else known

    def _at_once(self, path: Path, node: Node) -> Any:
        """The value of an expression, if what it refers to is needed in any case and was built; else `_WAIT`."""
        known = self._built.get(node, _WAIT)
        if known is not _WAIT:
            return known
        parsed = parse_expression(node.value, at=node.mark, path=path, trusted=self._names.trusted)
        values: dict[str, Any] = {}
        for name, target in parsed.references.items():
            place = self._leads.find(target, path, node)
            value = self._built.get(place.node, _WAIT)
            if value is _WAIT or place.rest or name not in parsed.eager:
                return _WAIT
            values[target] = None if value is _OFF else value
        self._built[node] = value = self._evaluated(parsed, values.__getitem__, path, node)
        return value

    def _text(self, path: Path, node: Node) -> _Work:
        value = node.value
        if not isinstance(value, str):
            return value
        if value == PLACEHOLDER:
            raise needs_a_value(path, node)
        if form_of(value) is Form.EXPRESSION:
            return (yield from self._expression(path, node))
        return unescaped(value)

    def _reference(self, target: str, path: Path, node: Node) -> _Work:
        """What an id leads to, through references to references."""
        passed: dict[Node, Path] = {}
        open_ = self._open()
        place = self._leads.find(target, path, node)
        while (value := self._built.get(place.node, _WAIT)) is _WAIT and _is_reference(place.node):
            path, node = place.path, place.node
            if node in passed or node in open_:
                raise _circle(path, node, {**open_, **passed})
            passed[node] = path
            place = self._leads.find(node.value[1:], path, node)
        if value is _WAIT:
            open_.update(passed)
            try:
                value = yield place.path, place.node
            finally:
                for one in passed:
                    del open_[one]
        value = self._stepped(value, place, path, node)
        for one in passed:
            self._built[one] = value
        return value

    def _stepped(self, value: Any, place: Place, path: Path, node: Node) -> Any:
        """What the rest of a reference's steps leads to, from a built value."""
        if value is _OFF:
            return None
        for step in place.rest:
            value = step_into(value, step, (*place.path, *place.rest), path, node, trusted=self._names.trusted)
        return value

    def _expression(self, path: Path, node: Node) -> _Work:
        trusted = self._names.trusted
        parsed = parse_expression(node.value, at=node.mark, path=path, trusted=trusted)
        values: dict[str, Any] = {}
        for name in parsed.eager:
            target = parsed.references[name]
            values[target] = yield from self._reference(target, path, node)

        def reference(target: str) -> Any:
            if target not in values:
                place = self._leads.find(target, path, node)
                values[target] = self._stepped(self._resolved(place.path, place.node), place, path, node)
            return values[target]

        return self._evaluated(parsed, reference, path, node)

    def _evaluated(self, parsed: Expression, reference: Callable[[str], Any], path: Path, node: Node) -> Any:
        try:
            return Evaluator(parsed, self._names, reference).evaluate()
        except Exception as error:
            failure = of_expression(error, node, path)
            if failure is error:
                raise
            raise failure from error

    def _component(self, path: Path, node: Node) -> _Work:
        disabled = yield from self._option(path, node, "_disabled_")
        if is_off(disabled, path, node):
            return _OFF
        yield from self._option(path, node, "_requires_")
        mode = yield from self._option(path, node, "_mode_")
        target = yield from self._option(path, node, "_target_")
        factory = factory_of(target, self._names, path, node)
        positional = yield from self._option(path, node, "_args_")
        named = yield from self._mapping(path, node, RESERVED)
        try:
            named = self._names.translated(factory, named)
        except BundlertError as error:
            raise placed(error, node, path) from None
        return made(factory, mode, Given(positional, named), path, node)

    def _option(self, path: Path, node: Node, key: str) -> _Work:
        kid = node.value.get(key)
        if kid is None:
            return None
        value = self._ready(path, key, kid)
        if value is _WAIT:
            value = yield (*path, key), kid
        return None if value is _OFF else value


def _is_reference(node: Node) -> bool:
    return isinstance(node.value, str) and form_of(node.value) is Form.REFERENCE


def _circle(path: Path, node: Node, waiting: Mapping[Node, Path]) -> ConfigError:
    """What is told when a node is needed again by what it waits for."""
    order = list(waiting.values())
    circle = [*order[order.index(waiting[node]) :], path]
    return ConfigError("references form a circle", at=node.mark, path=joined(path), got=chained(map(joined, circle)))
