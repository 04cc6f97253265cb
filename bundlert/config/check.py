"""Finds every mistake of a tree that can be seen without building anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain

from bundlert.config.calls import mapping_problems
from bundlert.config.circles import Needs, circles
from bundlert.config.collector import paused
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.expressions import Expression, parse_expression
from bundlert.config.evaluation.sealed import Seal, nodes_of
from bundlert.config.imports import imports_of
from bundlert.config.merge import is_elsewhere, put
from bundlert.config.references import Leads, follow
from bundlert.config.syntax import YES, Form, absolute, form_of
from bundlert.config.tree import Node, Path, copied, find, is_component, joined
from bundlert.errors import BundlertError, ConfigError
from bundlert.registry.registry import Registry

_MAX_SHOWN = 100
_RUN_LISTS: set[Path] = {("initialize",), ("run",), ("finalize",)}
_REFERRING = ("@", "$")
_OF_INTEREST = (dict, list, str)


def find_problems(root: Node, registry: Registry) -> list[BundlertError]:
    """All mistakes: of components and their arguments, of references and expressions, and files that aren't there."""
    with paused():
        return _all_problems(root, registry)


def _all_problems(root: Node, registry: Registry) -> list[BundlertError]:
    texts = _Texts(root, registry)
    problems: list[BundlertError] = [*_misplaced(root)]
    nodes = [(path, node) for path, node in walk(root) if isinstance(node.value, _OF_INTEREST)]
    for path, node in nodes:
        if isinstance(node.value, dict):
            problems.extend(mapping_problems(root, path, node, registry))
        elif isinstance(node.value, str) and node.value[:1] in _REFERRING:
            problems.extend(texts.problems(path, node))
    return [*problems, *texts.import_problems(), *circles(nodes, texts.needs)]


def _misplaced(root: Node) -> Iterator[BundlertError]:
    """What was to be set in, or joined to, something that no file has."""
    for key, node in root.value.items() if isinstance(root.value, dict) else ():
        if is_elsewhere(key):
            try:
                put(copied(root), key, node)
            except ConfigError as error:
                yield ruled("misplaced-key", error)
            else:
                yield ConfigError(
                    f"there is no '{key[1:]}' to join '{key}' to",
                    at=node.key_mark or node.mark,
                    path=key,
                    rule="misplaced-key",
                )


def walk(root: Node) -> Iterator[tuple[Path, Node]]:
    """Every node in document order; what a plain `_disabled_: true` switches off is left out."""
    pending: list[tuple[Path, Node]] = [((), root)]
    while pending:
        path, node = pending.pop()
        value = node.value
        if isinstance(value, dict):
            if "_target_" in value and _is_off(node):
                continue
            kids = [((*path, str(key)), kid) for key, kid in value.items() if key != "_desc_"]
            pending.extend(reversed(kids))
        elif isinstance(value, list):
            pending.extend(reversed([((*path, str(index)), kid) for index, kid in enumerate(value)]))
        yield path, node


def _is_off(node: Node) -> bool:
    disabled = node.value.get("_disabled_")
    if disabled is None or not isinstance(disabled.value, str):
        return disabled is not None and bool(disabled.value)
    return str(disabled.value).strip().lower() in YES


# ---- texts


class _Texts:
    """The references and expressions of one tree, seen one after another.

    Attributes:
        needs: What each text leads to.
    """

    def __init__(self, root: Node, registry: Registry) -> None:
        self.needs: Needs = {}
        self._root = root
        self._trusted = registry.trusts_code
        self._leads = Leads(root)
        self._seal = Seal(registry, imports_of(root))
        self._used: set[str] = set()  # names in expressions
        self._imports: list[tuple[Path, Node, Expression]] = []

    def problems(self, path: Path, node: Node) -> list[BundlertError]:
        """What is wrong with one text."""
        text = node.value
        form = form_of(text)
        if form is Form.REFERENCE:
            return self._followed(path, node, (text[1:],))
        if form is not Form.EXPRESSION:
            return []
        try:
            parsed = parse_expression(text, at=node.mark, path=path, trusted=self._trusted)
        except ConfigError as error:
            return [ruled("unsafe-expression", error)]
        problems = self._followed(path, node, parsed.references.values())
        if parsed.imports:
            self._imports.append((path, node, parsed))
        elif parsed.names or parsed.has_attributes:
            self._used |= parsed.names
            parts = nodes_of(parsed.tree())
            problems += [_refusal(one, path, node) for one in self._seal.refused(parsed, parts, ())]
            problems += _attribute_problems(self._root, path, node, parsed, parts)
        return problems

    def import_problems(self) -> Iterator[BundlertError]:
        """Imports that are made, since their names are used or something leads to them, and mayn't be."""
        led_to = set(chain.from_iterable(self.needs.values())) if self._imports else ()
        for path, node, parsed in self._imports:
            above = [path[:depth] for depth in range(1, len(path) + 1)]
            is_asked = any(one in _RUN_LISTS or find(self._root, one) in led_to for one in above)
            made = parsed.imports if is_asked else self._used
            yield from (_refusal(one, path, node) for one in self._seal.refused(parsed, (), made))

    def _followed(self, path: Path, node: Node, targets: Iterable[str]) -> list[BundlertError]:
        """What leads nowhere; where the rest leads is kept in `needs`."""
        problems: list[BundlertError] = []
        found: list[Node] = []
        for target in targets:
            try:
                place = self._leads.find(target, path, node)
                found.append(place.node)
                if place.rest and (refused := self._seal.refused_step(place.rest)) is not None:
                    problems.append(_refusal(refused, path, node))
            except ConfigError as error:
                problems.append(ruled("missing-reference", error))
        self.needs[node] = tuple(found)
        return problems


def _refusal(refused: ExpressionError, path: Path, node: Node) -> ConfigError:
    got = node.value if len(node.value) <= _MAX_SHOWN else f"{node.value[: _MAX_SHOWN - 3]}..."
    return ConfigError(
        str(refused), at=node.mark, path=joined(path), got=got, hint=refused.hint, rule="unsafe-expression"
    )


def _attribute_problems(
    root: Node, path: Path, node: Node, parsed: Expression, parts: list[ast.AST]
) -> Iterator[ConfigError]:
    """Attributes asked of what is a plain mapping or list in the config, and so has none of its own."""
    for one in parts if parsed.references else ():
        if not isinstance(one, ast.Attribute) or not isinstance(one.value, ast.Name):
            continue
        target = parsed.references.get(one.value.id)
        if target is None:
            continue
        with suppress(ConfigError):  # told of elsewhere
            place, rest = follow(root, absolute(target, path, node.mark), node, path)
            found = find(root, place)
            kind = type(found.value) if found is not None and not rest else None
            if kind in (dict, list) and found is not None and not is_component(found) and not hasattr(kind, one.attr):
                yield ConfigError(
                    f"'{joined(place)}' has no '{one.attr}'",
                    at=node.mark,
                    path=joined(path),
                    got=f"a plain {'mapping' if kind is dict else 'list'} at {found.key_mark or found.mark}",
                    hint=_attribute_hint(found, place, one.attr),
                    rule="unsafe-expression",
                )


def _attribute_hint(found: Node, place: Path, name: str) -> str | None:
    if name in found.steps():
        return f"'@{joined((*place, name))}' is its value"
    return f"add `_target_: ...` to '{joined(place)}'" if isinstance(found.value, dict) else None


def ruled(rule: str, error: BundlertError) -> BundlertError:
    """The error with the name of its rule, unless it has one."""
    error.rule = error.rule or rule
    return error


def placed(error: BundlertError, node: Node, path: Path) -> BundlertError:
    """The error with the place where it can be mended, unless it has one."""
    error.at = error.at or node.mark
    error.path = error.path or joined(path) or None
    return error
