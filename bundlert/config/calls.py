"""Calls of components as they are written: is there such a component, does it take these arguments?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress

from bundlert.config.evaluation.expressions import parse_expression
from bundlert.config.introspection.signatures import Signature, exists, public_names, signature_of
from bundlert.config.needed_files import file_problems, written_text
from bundlert.config.syntax import MODES, RESERVED, Form, form_of
from bundlert.config.tree import Node, Path, is_component, joined
from bundlert.config.values import value_problems
from bundlert.errors import BundlertError, ComponentError, ConfigError
from bundlert.registry.index import Component, translate_arguments
from bundlert.registry.libraries import MODULES
from bundlert.registry.registry import Registry
from bundlert.text import did_you_mean, listed, nearest

_TARGET = "_target_"
_NO_COMPONENT = (ast.List, ast.ListComp, ast.GeneratorExp, ast.Tuple, ast.Dict, ast.DictComp, ast.Set, ast.SetComp)


def mapping_problems(root: Node, path: Path, node: Node, registry: Registry) -> Iterator[BundlertError]:
    """What is wrong with a mapping as a call; with one that isn't a call, whether it was meant to be one."""
    if is_component(node):
        yield from _component_problems(root, path, node, registry)
    elif path:
        yield from _forgotten_target(path, node, registry)


def _forgotten_target(path: Path, node: Node, registry: Registry) -> Iterator[BundlertError]:
    for key, kid in node.value.items():
        meant = isinstance(key, str) and key.strip("_").casefold() == "target" and str(kid.value) in registry
        near = isinstance(key, str) and key.startswith("_") and nearest(key, [*RESERVED]) == _TARGET
        if meant or near:
            yield ConfigError(
                f"'{key}' calls nothing",
                at=kid.key_mark or kid.mark,
                path=joined((*path, str(key))),
                hint=f"did you mean '{_TARGET}'?",
                rule="unknown-target",
            )


def _component_problems(root: Node, path: Path, node: Node, registry: Registry) -> Iterator[BundlertError]:
    target = node.value[_TARGET]
    if _is_none(target, registry):
        yield ComponentError(
            "'_target_' must name a component", at=target.mark, path=joined((*path, _TARGET)), rule="unknown-target"
        )
    found = written_text(root, (*path, _TARGET), target)
    if found is None:
        return  # decided when it is built
    try:
        component = registry.find(found[0])
    except BundlertError as error:
        error.at, error.path, error.rule = target.mark, joined((*path, _TARGET)), error.rule or "unknown-target"
        yield error
        return
    if component.module in MODULES and exists(component) is False:
        yield ComponentError(
            f"'{component.module}' has nothing called '{component.name}'",
            at=target.mark,
            path=joined((*path, _TARGET)),
            hint=did_you_mean(component.name, public_names(component.module)),
            rule="unknown-target",
        )
    elif signature := signature_of(component):
        yield from _call_problems(root, path, node, component, signature)
    yield from _mode_problems(path, node)


def _is_none(target: Node, registry: Registry) -> bool:
    """Whether what a target is computed by, or written as, gives no component."""
    if not isinstance(target.value, str):
        return not is_component(target)
    if form_of(target.value) is Form.EXPRESSION:
        with suppress(ConfigError):  # told elsewhere
            kind, value, *_ = parse_expression(target.value, at=target.mark, path=(), trusted=True).piece
            if kind is ast.Constant:
                return not isinstance(value, str)
            return kind in _NO_COMPONENT or (kind is ast.Lambda and not registry.trusts_code)
    return False


def _call_problems(
    root: Node, path: Path, node: Node, component: Component, signature: Signature
) -> Iterator[BundlertError]:
    written = [str(key) for key in node.value if key not in RESERVED]
    try:
        ours = translate_arguments(component, written)
    except ComponentError as error:
        error.at, error.path, error.rule = node.mark, joined(path) or None, "unknown-argument"
        yield error
        return
    yield from _unknown_arguments(path, node, component, signature, ours)
    yield from _missing_arguments(path, node, component, signature, ours)
    for name, meant in ours.items():
        kid, parameter = node.child(name), signature.find(meant)
        if kid is not None and parameter is not None:
            wrong = list(value_problems(root, (*path, name), kid, component, parameter))
            yield from wrong or file_problems(root, (*path, name), kid, component)


def _unknown_arguments(
    path: Path, node: Node, component: Component, signature: Signature, ours: Mapping[str, str]
) -> Iterator[BundlertError]:
    for key in _unknown(signature, ours):
        guess = _guess(key, component, signature, ours)
        kid = node.child(key) or node
        yield ComponentError(
            f"{component.kind} '{component.name}' takes no argument '{key}'",
            at=kid.key_mark or kid.mark,
            path=joined((*path, key)),
            expected=None if guess else f"one of {listed(signature.names)}",
            hint=f"did you mean '{guess}'?" if guess else None,
            rule="unknown-argument",
        )


def _unknown(signature: Signature, ours: Mapping[str, str]) -> list[str]:
    return [] if signature.open else [one for one, meant in ours.items() if meant not in signature.names]


def _guess(key: str, component: Component, signature: Signature, ours: Mapping[str, str]) -> str | None:
    """The argument that was probably meant, rather one that isn't given yet."""
    known = [*signature.names, *(one for one, _ in component.renamed)]
    return nearest(key, [name for name in known if name not in ours.values()]) or nearest(key, known)


def _missing_arguments(
    path: Path, node: Node, component: Component, signature: Signature, ours: Mapping[str, str]
) -> Iterator[BundlertError]:
    misspelt = [_guess(key, component, signature, ours) for key in _unknown(signature, ours)]
    given = {*ours.values(), *_positional(node, signature), *misspelt}
    missing = [name for name in signature.required if name not in given]
    if missing and not _is_partial(node):
        names = " and ".join(f"'{name}'" for name in missing)
        yield ComponentError(
            f"{component.kind} '{component.name}' needs {names}",
            at=node.value[_TARGET].key_mark or node.mark,
            path=joined(path) or None,
            got=f"only {listed(ours)}" if ours else "no arguments",
            hint=f"add `{missing[0]}: ...`",
            rule="missing-argument",
        )


def _positional(node: Node, signature: Signature) -> list[str]:
    """The arguments that `_args_` may give: as many as it has, all where it is computed."""
    written = node.value.get("_args_")
    if written is None:
        return []
    return signature.names[: len(written.value)] if isinstance(written.value, list) else signature.names


def _mode_problems(path: Path, node: Node) -> Iterator[BundlertError]:
    mode = node.value.get("_mode_")
    text = mode.value if mode is not None else None
    if mode is None or (isinstance(text, str) and (form_of(text) is not Form.TEXT or text.strip() in MODES)):
        return
    yield ConfigError(
        f"there is no mode '{text}'",
        at=mode.mark,
        path=joined(path),
        expected=f"{', '.join(MODES[:-1])} or {MODES[-1]}",
        hint=did_you_mean(str(text), MODES),
        rule="unknown-mode",
    )


def _is_partial(node: Node) -> bool:
    mode = node.value.get("_mode_")
    return mode is not None and mode.value != "default"
