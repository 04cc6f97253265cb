"""What a site, or a user, forbids all bundles: `policy.yaml`. A policy never allows what is refused without it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from bundlert.bundle.metadata import SCHEMAS
from bundlert.config.load import load
from bundlert.config.tree import Node, find, joined, plain, split
from bundlert.errors import BundlertError, Mark, PolicyError
from bundlert.places import site_folders, user_folder
from bundlert.registry.index import Component
from bundlert.registry.registry import Registry
from bundlert.text import did_you_mean, human_size

FILE = "policy.yaml"
VARIABLE = "BUNDLERT_POLICY"
ALLOWED, REFUSED, EDITABLE, TRUST = "allowed_components", "refused_components", "editable", "trust"
MAX_BUNDLE, MAX_FILE = "max_bundle_mb", "max_file_mb"
_MB = 1_000_000


class Rule(NamedTuple):
    """One value of a policy, and where it is written."""

    value: Any
    at: Mark


class Policy:
    """One policy file, read and checked."""

    def __init__(self, tree: Node) -> None:
        self._tree = tree

    def rule(self, key: str) -> Rule | None:
        """What the policy says of something, if it does."""
        node = self._tree.child(key)
        return None if node is None else Rule(plain(node), node.key_mark or node.mark)

    def refusal_of(self, component: Component, written: str) -> PolicyError | None:
        """Why a component may not be used, if so."""
        names = {written, component.name, f"{component.module}.{component.name}"}
        refused = self._tree.child(REFUSED)
        for node in refused.value if refused else ():
            if _matches(names, node.value):
                return PolicyError(f"the policy refuses '{written}'", at=node.mark, got=f"'{node.value}' in {REFUSED}")
        allowed = self.rule(ALLOWED)
        own = {component.name, f"{component.module}.{component.name}"}  # a bundle can't borrow an allowed name
        if allowed is None or any(_matches(own, pattern) for pattern in allowed.value):
            return None
        return PolicyError(f"the policy doesn't allow '{written}'", at=allowed.at, got=f"it isn't in {ALLOWED}")


def read_policies() -> list[Policy]:
    """All policies that hold: the machine's, and the user's or the one named by `BUNDLERT_POLICY`.

    Raises:
        PolicyError: One of them is wrong. Nothing runs then.
    """
    named = os.environ.get(VARIABLE)
    files = [folder / FILE for folder in site_folders()] + ([] if named else [user_folder() / FILE])
    return [_read(file) for file in [*(one for one in files if one.is_file()), *([Path(named)] if named else [])]]


def _read(file: Path) -> Policy:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 (60 ms that those without a policy needn't pay)

    try:
        tree = load(file)
    except BundlertError as error:
        raise PolicyError(f"the policy '{file}' can't be used", at=error.at, got=error.what) from None
    schema = json.loads((SCHEMAS / "policy.schema.json").read_text(encoding="utf-8"))
    for key, node in tree.value.items():
        if key not in schema["properties"]:
            hint = did_you_mean(str(key), schema["properties"])
            raise PolicyError(f"a policy has no '{key}'", at=node.key_mark, hint=hint)
    for wrong in Draft202012Validator(schema).iter_errors(plain(tree)):
        path = tuple(str(step) for step in wrong.absolute_path)
        place = find(tree, path) or tree
        raise PolicyError(f"policy: {wrong.message:.160}", at=place.mark, path=joined(path) or None)
    return Policy(tree)


def refuse_trust(policies: Sequence[Policy]) -> None:
    """Keep to the level sealed, if a policy says so.

    Raises:
        PolicyError: It does.
    """
    for policy in policies:
        rule = policy.rule(TRUST)
        if rule is not None and rule.value == "never":
            raise PolicyError("the policy lets no code of bundles run", at=rule.at, got="trust: never")


def refuse_edits(policies: Sequence[Policy], ids: Sequence[str]) -> None:
    """Let nothing be set that isn't editable.

    Raises:
        PolicyError: One of the ids isn't.
    """
    for policy in policies:
        rule = policy.rule(EDITABLE)
        for config_id in ids if rule else ():
            path = split(config_id.removeprefix("+"))
            above = {joined(path[:depth]) for depth in range(1, len(path) + 1)}
            if rule and not any(_matches(above, pattern) for pattern in rule.value):
                what = f"the policy doesn't let anybody set '{joined(path)}'"
                known = f"one of {', '.join(rule.value)}" if rule.value else "nothing"
                raise PolicyError(what, at=rule.at, expected=known)


def refuse_size(policies: Sequence[Policy], root: Path) -> None:
    """Refuse a bundle that is too large.

    Raises:
        PolicyError: It is, or a file of it.
    """
    rules = [(key, rule) for policy in policies for key in (MAX_BUNDLE, MAX_FILE) if (rule := policy.rule(key))]
    sizes = {file: file.stat().st_size for file in root.rglob("*") if file.is_file()} if rules else {}
    for key, rule in rules:
        largest = max(sizes, key=sizes.__getitem__, default=root)
        size = sum(sizes.values()) if key == MAX_BUNDLE else sizes.get(largest, 0)
        if size > rule.value * _MB:
            place = root if key == MAX_BUNDLE else largest
            got = f"{human_size(size)}, more than {human_size(rule.value * _MB)}"
            raise PolicyError(f"the policy finds '{place}' too large", at=rule.at, got=got)


class PolicedRegistry(Registry):
    """Another registry's components, as far as policies allow them.

    Args:
        registry: The other.
        policies: What holds.
    """

    def __init__(self, registry: Registry, policies: Sequence[Policy]) -> None:
        self._inner = registry
        self._policies = policies
        self.trusts_code = registry.trusts_code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __iter__(self) -> Iterator[Component]:
        return iter(self._inner)

    def __contains__(self, name: str) -> bool:
        return name in self._inner

    def find(self, name: str) -> Component:
        """The component called `name`.

        Raises:
            ComponentError: Nobody is called so.
            PolicyError: A policy forbids it.
        """
        component = self._inner.find(name)
        for policy in self._policies:
            if refusal := policy.refusal_of(component, name):
                raise refusal
        return component


def _matches(names: set[str], pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)
