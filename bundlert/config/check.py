"""Finds every mistake of a tree that can be seen without building anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress

from bundlert.config.calls import mapping_problems
from bundlert.config.circles import Needs, circles
from bundlert.config.collector import paused
from bundlert.config.expressions import Expression, ExpressionError, parse_expression
from bundlert.config.merge import is_elsewhere, put
from bundlert.config.references import follow, referred
from bundlert.config.sealed import Seal, nodes_of
from bundlert.config.syntax import YES, Form, absolute, form_of
from bundlert.config.tree import Node, Path, copied, find, is_component, joined
from bundlert.errors import BundlertError, ConfigError
from bundlert.registry.registry import Registry

_MAX_SHOWN = 100
_RUN_LISTS = {("initialize",), ("run",), ("finalize",)}
_REFERRING = ("@", "$")
PLACEHOLDER = "???"


def find_problems(root: Node, registry: Registry) -> list[BundlertError]:
    """All mistakes: of components and their arguments, of references and expressions, and files that aren't there."""
    with paused():
        return _all_problems(root, registry)


def _all_problems(root: Node, registry: Registry) -> list[BundlertError]:
    nodes = [(path, node) for path, node in walk(root) if isinstance(node.value, dict | list | str)]
    unparsed: dict[Path, BundlertError] = {}
    expressions = dict(_expressions(nodes, unparsed, trusted=registry.trusts_code))
    seal = Seal(registry, {name: dotted for one in expressions.values() for name, dotted in one.imports.items()})
    used: set[str] = set().union(*(one.names for one in expressions.values()))
    needs: Needs = {}
    problems: list[BundlertError] = list(_misplaced(root))
    for path, node in nodes:
        if isinstance(node.value, dict):
            problems.extend(mapping_problems(root, path, node, registry))
        elif path in unparsed:
            problems.append(unparsed[path])
        elif isinstance(node.value, str) and node.value[:1] in _REFERRING:
            needs[path] = []
            problems.extend(_reference_problems(root, path, node, needs[path]))
            parsed = expressions.get(path)
            if parsed and (parsed.names or parsed.imports or parsed.has_attributes):
                parts = nodes_of(parsed.body)
                made = parsed.imports if path[:1] in _RUN_LISTS else used
                problems.extend(_refusal(one, path, node) for one in seal.refused(parsed, parts, made))
                problems.extend(_attribute_problems(root, path, node, parsed, parts))
    return [*problems, *circles(nodes, needs)]


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
        if is_component(node) and _is_off(node):
            continue
        yield path, node
        kids = [(str(key), kid) for key, kid in node.value.items()] if isinstance(node.value, dict) else []
        kids += [(str(index), kid) for index, kid in enumerate(node.value)] if isinstance(node.value, list) else []
        pending.extend(((*path, key), kid) for key, kid in reversed(kids) if key != "_desc_")


def _is_off(node: Node) -> bool:
    disabled = node.value.get("_disabled_")
    if disabled is None or not isinstance(disabled.value, str):
        return disabled is not None and bool(disabled.value)
    return str(disabled.value).strip().lower() in YES


# ---- texts


def _expressions(
    nodes: list[tuple[Path, Node]], unparsed: dict[Path, BundlertError], *, trusted: bool
) -> Iterator[tuple[Path, Expression]]:
    """The parsed expressions by path; what can't be parsed is put into `unparsed`."""
    for path, node in nodes:
        if isinstance(node.value, str) and form_of(node.value) is Form.EXPRESSION:
            try:
                yield path, parse_expression(node.value, at=node.mark, config_id=joined(path), trusted=trusted)
            except ConfigError as error:
                unparsed[path] = ruled("unsafe-expression", error)


def _reference_problems(root: Node, path: Path, node: Node, found: list[Path]) -> Iterator[BundlertError]:
    """What leads nowhere; the paths that the rest leads to are put into `found`."""
    try:
        targets = referred(path, node)
    except ConfigError as error:
        yield ruled("missing-reference", error)
        return
    for target in targets:
        try:
            found.append(follow(root, target, node, path)[0])
        except ConfigError as error:
            yield ruled("missing-reference", error)


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
        name = one.value.id if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) else None
        if not isinstance(one, ast.Attribute) or name not in parsed.references:
            continue
        with suppress(ConfigError):  # told of elsewhere
            place, rest = follow(root, absolute(parsed.references[name], path, node.mark), node, path)
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
