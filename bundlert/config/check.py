"""Finds every mistake of a tree that can be seen without building anything."""

from __future__ import annotations

from collections.abc import Iterator

from bundlert.config.expressions import parse_expression
from bundlert.config.merge import is_elsewhere, put
from bundlert.config.references import follow, referred
from bundlert.config.signatures import Signature, exists, public_names, signature_of
from bundlert.config.syntax import RESERVED, Form, form_of
from bundlert.config.tree import Node, Path, copied, is_component, joined
from bundlert.errors import BundlertError, ComponentError, ConfigError
from bundlert.registry.index import Component
from bundlert.registry.registry import Registry
from bundlert.text import did_you_mean, listed

PLACEHOLDER = "???"


def find_problems(root: Node, registry: Registry) -> list[BundlertError]:
    """All mistakes: unknown components and arguments, missing references, circles, bad expressions."""
    problems: list[BundlertError] = list(_misplaced(root))
    for path, node in walk(root):
        if is_component(node):
            problems.extend(_component_problems(path, node, registry))
        elif isinstance(node.value, str):
            problems.extend(_text_problems(root, path, node))
    return problems or list(_circles(root))


def _misplaced(root: Node) -> Iterator[BundlertError]:
    """What was to be set in, or joined to, something that no file has."""
    for key, node in root.value.items() if isinstance(root.value, dict) else ():
        if is_elsewhere(key):
            try:
                put(copied(root), key, node)
            except ConfigError as error:
                yield error
            else:
                yield ConfigError(
                    f"there is no '{key[1:]}' to join '{key}' to", at=node.key_mark or node.mark, path=key
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
    return str(disabled.value).strip().lower() == "true"


# ---- components


def _component_problems(path: Path, node: Node, registry: Registry) -> Iterator[BundlertError]:
    target = node.value["_target_"]
    if not isinstance(target.value, str) or form_of(target.value) is not Form.TEXT:
        return  # decided when it is built
    try:
        component = registry.find(target.value)
    except ComponentError as error:
        yield placed(error, target, (*path, "_target_"))
        return
    if exists(component) is False:
        yield ComponentError(
            f"'{component.module}' has nothing called '{component.name}'",
            at=target.mark,
            path=joined((*path, "_target_")),
            hint=did_you_mean(component.name, public_names(component.module)),
        )
    elif signature := signature_of(component):
        yield from _argument_problems(path, node, component, signature)


def _argument_problems(path: Path, node: Node, component: Component, signature: Signature) -> Iterator[BundlertError]:
    given = [key for key in node.value if key not in RESERVED]
    missing = [name for name in signature.required if name not in given]
    for key in given:
        if key in signature.names or signature.open:
            continue
        free = [name for name in signature.names if name not in given]
        guess = did_you_mean(str(key), free) or did_you_mean(str(key), signature.names)
        yield ComponentError(
            f"{component.kind} '{component.name}' takes no argument '{key}'",
            at=node.value[key].key_mark or node.value[key].mark,
            path=joined((*path, str(key))),
            expected=None if guess else f"one of {listed(signature.names)}",
            hint=guess,
        )
        missing = [name for name in missing if not guess or guess != did_you_mean(str(key), [name])]
    if missing and not _is_partial(node):
        names = " and ".join(f"'{name}'" for name in missing)
        yield ComponentError(
            f"{component.kind} '{component.name}' needs {names}",
            at=node.value["_target_"].key_mark or node.mark,
            path=joined(path) or None,
            got=f"only {listed(map(str, given))}" if given else "no arguments",
            hint=f"add `{missing[0]}: ...`",
        )


def _is_partial(node: Node) -> bool:
    mode = node.value.get("_mode_")
    return mode is not None and mode.value != "default"


# ---- texts


def _text_problems(root: Node, path: Path, node: Node) -> Iterator[BundlertError]:
    if node.value == PLACEHOLDER:
        return
    form = form_of(node.value)
    try:
        if form is Form.EXPRESSION:
            parse_expression(node.value, at=node.mark, config_id=joined(path))
        for target in referred(path, node):
            follow(root, target, node, path)
    except ConfigError as error:
        yield error


def placed(error: BundlertError, node: Node, path: Path) -> BundlertError:
    """The error with the place where it can be mended, unless it has one."""
    error.at = error.at or node.mark
    error.path = error.path or joined(path) or None
    return error


# ---- circles


def _circles(root: Node) -> Iterator[BundlertError]:
    """The first circle of references, if there is one, as the whole chain."""
    needs: dict[Path, list[Path]] = {}
    marks: dict[Path, Node] = {}
    for path, node in walk(root):
        if isinstance(node.value, str):
            marks[path] = node
            needs[path] = [follow(root, target, node, path)[0] for target in referred(path, node)]
        elif isinstance(node.value, dict | list):
            needs[path] = [(*path, step) for step in node.steps()]
    done: set[Path] = set()
    for start in needs:
        chain = _circle_from(start, needs, done)
        if chain:
            texts = [one for one in chain if one in marks]
            shown = " -> ".join(joined(one) for one in (*texts, texts[0]))
            yield ConfigError("references form a circle", at=marks[texts[0]].mark, path=joined(texts[0]), got=shown)
            return


def _circle_from(start: Path, needs: dict[Path, list[Path]], done: set[Path]) -> list[Path]:
    open_: dict[Path, Iterator[Path]] = {}
    if start not in done:
        open_[start] = iter(needs.get(start, ()))
    while open_:
        last = next(reversed(open_))
        following = next(open_[last], None)
        if following is None:
            done.add(last)
            del open_[last]
        elif following in open_:
            order = list(open_)
            return order[order.index(following) :]
        elif following not in done:
            open_[following] = iter(needs.get(following, ()))
    return []
