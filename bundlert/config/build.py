"""Builds objects from a tree: each node at most once, when somebody asks for it, without recursion in depth."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from functools import partial
from typing import Any, TypeAlias

from bundlert.config.check import PLACEHOLDER, placed
from bundlert.config.evaluate import Evaluator
from bundlert.config.expressions import ExpressionError, parse_expression
from bundlert.config.references import follow, step_into
from bundlert.config.syntax import RESERVED, Form, absolute, form_of, unescaped
from bundlert.config.tree import Node, Path, find, is_component, joined, split
from bundlert.errors import BundlertError, ComponentError, ConfigError
from bundlert.registry.registry import Registry, load
from bundlert.text import did_you_mean

# A generator that builds one node: it yields the paths that it needs and is sent their values.
_Work: TypeAlias = Generator[Path, Any, Any]

_MODES = ("default", "callable")


class _Off:
    """The value of a disabled component."""


_OFF = _Off()


class Builder:
    """Gives the values of a tree's nodes.

    Args:
        root: A tree with its macros expanded.
        registry: The components that `_target_` and expressions may name.
    """

    def __init__(self, root: Node, registry: Registry) -> None:
        self._root = root
        self._registry = registry
        self._built: dict[Path, Any] = {}
        self._open: dict[Path, _Work] = {}
        self._names = _Components(registry)

    def get(self, config_id: str = "") -> Any:
        """The value of a node, built with all it needs, now or before.

        Raises:
            ConfigError: The id doesn't exist, or what it needs can't be built.
        """
        value = self._resolve(split(config_id))
        return None if value is _OFF else value

    def forget(self, config_id: str) -> None:
        """Let a node be built again when it is asked for next; what it refers to stays."""
        self._built.pop(split(config_id), None)

    def _resolve(self, path: Path) -> Any:
        """Build a node: a stack of generators stands for the chain of those that wait for each other."""
        if path in self._built:
            return self._built[path]
        mine: list[Path] = []
        try:
            self._begin(path, mine)
            value: Any = None
            while mine:
                value = self._advanced(mine, value)
            return value
        finally:
            for left in mine:
                self._open.pop(left, None)

    def _advanced(self, mine: list[Path], value: Any) -> Any:
        """Let the topmost generator go on with `value`; gives what the next one is to be sent."""
        try:
            needed = self._open[mine[-1]].send(value)
        except StopIteration as done:
            finished = mine.pop()
            del self._open[finished]
            self._built[finished] = done.value
            return done.value
        if needed not in self._built:
            self._begin(needed, mine)
        return self._built.get(needed)

    def _begin(self, path: Path, mine: list[Path]) -> None:
        node = find(self._root, path)
        if node is None:
            hint = did_you_mean(joined(path), self._root.steps())
            raise ConfigError(f"the config has no '{joined(path)}'", hint=hint)
        if path in self._open:
            order = list(self._open)
            circle = [*order[order.index(path) :], path]
            raise ConfigError(
                "references form a circle", at=node.mark, path=joined(path), got=" -> ".join(map(joined, circle))
            )
        self._open[path] = self._work(path, node)
        mine.append(path)

    # ---- one generator a kind of node

    def _work(self, path: Path, node: Node) -> _Work:
        if is_component(node):
            return (yield from self._component(path, node))
        if isinstance(node.value, dict):
            return (yield from self._mapping(path, node, skipped=()))
        if isinstance(node.value, list):
            items: list[Any] = []
            for index, kid in enumerate(node.value):
                items.append((yield from self._child(path, str(index), kid)))
            return [item for item in items if item is not _OFF]
        if isinstance(node.value, str):
            return (yield from self._text(path, node))
        return node.value

    def _mapping(self, path: Path, node: Node, skipped: tuple[str, ...]) -> Generator[Path, Any, dict[Any, Any]]:
        made: dict[Any, Any] = {}
        for key, kid in node.value.items():
            if key in skipped:
                continue
            value = yield from self._child(path, str(key), kid)
            if value is not _OFF:
                made[key] = value
        return made

    def _child(self, path: Path, step: str, kid: Node) -> _Work:
        """The value of a child; by a reference, a disabled component is None and stays."""
        if isinstance(kid.value, dict | list):
            return (yield (*path, step))
        if isinstance(kid.value, str) and (form_of(kid.value) is not Form.TEXT or kid.value == PLACEHOLDER):
            return (yield (*path, step))
        return unescaped(kid.value) if isinstance(kid.value, str) else kid.value

    def _text(self, path: Path, node: Node) -> _Work:
        form = form_of(node.value)
        if node.value == PLACEHOLDER:
            name = joined(path)
            raise ConfigError(f"'{name}' needs a value", at=node.mark, path=name, hint=f"give it: {name}=...")
        if form is Form.REFERENCE:
            return (yield from self._reference(absolute(node.value[1:], path, node.mark), path, node))
        if form is Form.EXPRESSION:
            return (yield from self._expression(path, node))
        return unescaped(node.value)

    def _reference(self, target: Path, path: Path, node: Node) -> _Work:
        found, rest = follow(self._root, target, node, path)
        value = yield found
        if value is _OFF:
            return None
        for step in rest:
            value = step_into(value, step, target, path, node)
        return value

    def _expression(self, path: Path, node: Node) -> _Work:
        parsed = parse_expression(node.value, at=node.mark, config_id=joined(path))
        values: dict[str, Any] = {}
        for name in parsed.eager:
            target = parsed.references[name]
            values[target] = yield from self._reference(absolute(target, path, node.mark), path, node)

        def reference(target: str) -> Any:
            if target not in values:
                found, rest = follow(self._root, absolute(target, path, node.mark), node, path)
                value = self._resolve(found)
                for step in rest:
                    value = step_into(value, step, split(target), path, node)
                values[target] = None if value is _OFF else value
            return values[target]

        try:
            return Evaluator(self._names, reference).evaluate(parsed)
        except ExpressionError as error:
            raise ConfigError(str(error), at=node.mark, path=joined(path), got=node.value, hint=error.hint) from error
        except BundlertError as error:
            raise placed(error, node, path) from error
        except RecursionError:
            what = "expressions wait for each other too deep"
            hint = "refer to what is needed outside of `if`, `and`, `or`"
            raise ConfigError(what, at=node.mark, path=joined(path), got=node.value, hint=hint) from None
        except Exception as error:
            if isinstance(error, ValueError | OSError | ArithmeticError | LookupError) or _is_of_language(error):
                raise ConfigError(_worded(error), at=node.mark, path=joined(path), got=node.value) from error
            error.add_note(f"  at: {node.mark} ({joined(path)}), while evaluating {node.value}")
            raise

    def _component(self, path: Path, node: Node) -> _Work:
        disabled = yield from self._option(path, node, "_disabled_")
        if str(disabled).strip().lower() == "true" if isinstance(disabled, str) else disabled:
            return _OFF
        yield from self._option(path, node, "_requires_")
        mode = yield from self._option(path, node, "_mode_")
        target = yield from self._option(path, node, "_target_")
        factory = self._factory(target, path, node)
        arguments = yield from self._mapping(path, node, skipped=RESERVED)
        if mode not in (None, *_MODES):
            raise ConfigError(
                f"there is no mode '{mode}'",
                at=node.value["_mode_"].mark,
                path=joined(path),
                expected=" or ".join(_MODES),
            )
        if mode == "callable":
            return partial(factory, **arguments) if arguments else factory
        return _called(factory, arguments, path, node)

    def _option(self, path: Path, node: Node, key: str) -> _Work:
        kid = node.value.get(key)
        return None if kid is None else (yield from self._child(path, key, kid))

    def _factory(self, target: Any, path: Path, node: Node) -> Any:
        written = node.value["_target_"]
        try:
            if isinstance(target, str):
                return load(self._registry.find(target))
            if any(target is known for known in self._names.values()):
                return target
        except BundlertError as error:
            raise placed(error, written, (*path, "_target_")) from None
        raise ComponentError(
            "'_target_' must name a component", at=written.mark, path=joined((*path, "_target_")), got=repr(target)
        )


class _Components(Mapping[str, Any]):
    """The components as names in expressions, imported when first named."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = load(self._registry.find(name))
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._registry if isinstance(name, str) else False

    def __iter__(self) -> Any:
        return (component.name for component in self._registry)

    def __len__(self) -> int:
        return sum(1 for _ in self._registry)

    def values(self) -> Any:
        """Only what was imported already: nothing else can be the value of an expression."""
        return self._loaded.values()


def _called(factory: Any, arguments: dict[Any, Any], path: Path, node: Node) -> Any:
    """The result of a component's call; what it says of its arguments is told with the place in the config."""
    try:
        return factory(**arguments)
    except BundlertError as error:
        raise placed(error, node, path) from error
    except (TypeError, ValueError, OSError) as error:
        name = getattr(factory, "__name__", str(factory))
        culprit = _culprit(arguments, str(error))
        kid = node.value[culprit] if culprit is not None else node.value["_target_"]
        raise ComponentError(
            f"'{name}' can't be built: {_worded(error)}",
            at=kid.key_mark or kid.mark,
            path=joined((*path, str(culprit))) if culprit is not None else joined(path),
        ) from error
    except Exception as error:
        error.add_note(f"  at: {node.mark} ({joined(path)}), while building '{getattr(factory, '__name__', factory)}'")
        raise


def _culprit(arguments: dict[Any, Any], message: str) -> Any:
    """The argument that a message is about: `pixdim must be > 0`, `unexpected keyword argument 'pixdim'`."""
    first = re.match(r"\w*", message)
    named = [first[0] if first else "", *re.findall(r"'(\w+)'", message)]
    return next((name for name in named if name in arguments), None)


def _is_of_language(error: Exception) -> bool:
    """Whether an operation of the expression itself failed (`1 + 'a'`), not the code of a component."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("bundlert.config.")


def _worded(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no key {error}"
    return str(error) or type(error).__name__
