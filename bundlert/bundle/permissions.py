"""What one run may do: the level that the user set, the policies that hold, the places that were named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from bundlert.bundle.policy import PolicedRegistry, Policy, read_policies, refuse_edits, refuse_size, refuse_trust
from bundlert.bundle.trust import Level, code_of, level_of
from bundlert.config.check import walk
from bundlert.config.load import load
from bundlert.config.merge import parse_override
from bundlert.config.syntax import Form, form_of
from bundlert.config.tree import Node, is_component, joined
from bundlert.errors import BundlertError, ComponentError, Mark, PolicyError, TrustError
from bundlert.files import Bounds, confined, vouched
from bundlert.places import cache_folder
from bundlert.registry.index import Component
from bundlert.registry.own_code import own_components
from bundlert.registry.plugins import plugin_components
from bundlert.registry.registry import Registry, standard
from bundlert.text import listed

# The last step of an id that somebody gives a place to write to.
_OUTPUT = re.compile(r"out|save|folder|result|prediction|export|log|cache|runs", re.IGNORECASE)
_LONGEST_PATH = 4096


class Permissions(NamedTuple):
    """What a run may do.

    Attributes:
        level: Sealed or trusted.
        policies: All that hold.
        given: Id and value of whatever the user set, by overrides or in files of his own.
    """

    level: Level
    policies: list[Policy]
    given: list[tuple[str, Node]]

    def registry(self, bundle: Path, plugins: Sequence[str] = ()) -> Registry:
        """The components that may be built: the house's, those of plugins, with trust all that Python can import."""
        known = standard().extended(plugin_components(plugins)) if plugins else standard()
        known = known.trusted(folder=bundle) if self.level.trusted else Registry(known, withheld=_withheld(bundle))
        return PolicedRegistry(known, self.policies) if self.policies else known

    def vouched(self, bundle: Path) -> AbstractContextManager[None]:
        """Let trusted code and configs be loaded only as they were when the level was found."""
        return vouched(bundle, self.level.files) if self.level.trusted else nullcontext()

    def bounded(self, bundle: Path, folder: Path) -> AbstractContextManager[None]:
        """Keep a sealed run inside its bounds; code that is trusted couldn't be kept there."""
        return nullcontext() if self.level.trusted else confined(self.bounds(bundle, folder))

    def bounds(self, bundle: Path, folder: Path) -> Bounds:
        """Where a sealed run may read and write."""
        named = [found for config_id, node in self.given for found in _places(config_id, node)]
        outputs = [place for config_id, place in named if _OUTPUT.search(config_id) or not os.path.exists(place)]  # noqa: PTH110 (a name may be too long)
        return Bounds((bundle,), tuple(place for _, place in named), (folder, cache_folder(), *outputs))


def permissions_of(bundle: Path, overrides: Sequence[str], more: Sequence[Path], *, trust: bool) -> Permissions:
    """What the user and the policies let a run do.

    Raises:
        PolicyError: A policy refuses something that shows before the config is read; a trusted file was changed.
        ConfigError: An override or a file of the user's is wrong.
    """
    policies = read_policies()
    given = [pair for file in more for pair in load(file).value.items()]
    given += map(parse_override, overrides)
    refuse_edits(policies, [str(config_id) for config_id, _ in given])
    refuse_size(policies, bundle)
    level = level_of(bundle, once=trust)
    if level.trusted:
        refuse_trust(policies)
    return Permissions(level, policies, [(str(config_id), node) for config_id, node in given])


def policy_problems(root: Node, registry: Registry, policies: Sequence[Policy]) -> Iterator[BundlertError]:
    """The components of a tree that a policy forbids, as far as their names are written in it."""
    for path, node in walk(root) if policies else ():
        target = node.value["_target_"].value if is_component(node) else None
        if isinstance(target, str) and form_of(target) is Form.TEXT:
            error = _refusal(target, registry)
            if error:
                error.path = joined(path)
                error.expected = f"another component at {node.value['_target_'].mark}"
                yield error


def code_warnings(bundle: Path, level: Level) -> Iterator[BundlertError]:
    """What a sealed bundle brings along in vain: files with code."""
    names = [] if level.trusted else code_of(bundle)
    if names:
        yield TrustError(
            "the bundle brings along code, which isn't run",
            at=Mark(str(bundle / names[0])),
            got=listed(names, most=5),
            hint=f"read it; where you trust it: --trust once, or `bundlert trust {bundle}`",
            rule="sealed-code",
        )


def _withheld(bundle: Path) -> list[Component]:
    """What the bundle brings along and nobody trusted; its files are read, not run."""
    try:
        return own_components(bundle)
    except ComponentError:
        return []


def _refusal(target: str, registry: Registry) -> PolicyError | None:
    try:
        registry.find(target)
    except PolicyError as error:
        return error
    except ComponentError:
        pass  # told elsewhere
    return None


def _places(config_id: str, node: Node) -> Iterator[tuple[str, Path]]:
    """The texts in a value that can be paths, each with its id."""
    for path, one in walk(node):
        value = one.value
        is_text = isinstance(value, str) and form_of(value) is Form.TEXT and value.isprintable()
        if is_text and 0 < len(value) < _LONGEST_PATH:
            yield joined((config_id, *path)), Path(value)
