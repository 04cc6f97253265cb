"""Arguments that several commands take, with their completion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import CONFIGS, open_bundle
from bundlert.bundle.session import RUN
from bundlert.config.confined import within
from bundlert.config.load import load
from bundlert.config.tree import SEPARATOR, Node, find, split
from bundlert.errors import BundlertError
from bundlert.registry.registry import standard

_BREAKS = (":", "::", "=")


class BundleFolder(click.ParamType[Path]):
    """A bundle's folder."""

    name = "bundle"

    def convert(self, value: str | Path, _param: click.Parameter | None, _ctx: click.Context | None) -> Path:
        """The folder as a path."""
        return Path(value)

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """What TAB offers."""
        names = sorted(str(one) for base in (Path("bundles"), Path()) for one in bundles_in(base))
        found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="dir")]


class Entry(click.ParamType[str]):
    """The name of something that a bundle can run."""

    name = "entry"

    def shell_complete(self, ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """What TAB offers."""
        try:
            names = entries_of(Path(ctx.params["bundle"]))
        except (BundlertError, KeyError):
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


class Override(click.ParamType[str]):
    """`id=value`: sets a declared value of the config."""

    name = "id=value"

    def shell_complete(self, ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """What TAB offers: ids a step at a time, `network::`, then `network::channels=`."""
        whole, typed = _whole_word(ctx.params.get("overrides") or (), incomplete)
        tree = _tree_of(ctx)
        if tree is None or "=" in whole:
            return []
        return _items([f"{one}=" for one in _ids(tree, whole)] + _open_ids(tree, whole), typed)


class ConfigId(click.ParamType[str]):
    """The id of a part of a config: `network::channels`."""

    name = "id"

    def shell_complete(self, ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """What TAB offers."""
        tree = _tree_of(ctx)
        return [] if tree is None else _items(_ids(tree, incomplete) + _open_ids(tree, incomplete), 0)


class ComponentName(click.ParamType[str]):
    """The name of a component."""

    name = "name"

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """What TAB offers."""
        return [CompletionItem(one.name, help=one.summary) for one in standard() if one.name.startswith(incomplete)]


def _tree_of(ctx: click.Context) -> Node | None:
    left = [word for word in ctx.args if not word.startswith("-")]  # behind an option whose value is being typed
    words = [ctx.params.get("bundle"), ctx.params.get("entry")]
    bundle, entry = words if all(words) else [*left, None, None][:2]
    try:
        return assemble(open_bundle(Path(bundle)), entry) if bundle and entry else None
    except BundlertError:
        return None


def _ids(tree: Node, incomplete: str) -> list[str]:
    """The ids that begin so, one step deeper than what is typed."""
    above = incomplete.rpartition(SEPARATOR)[0]
    parent = find(tree, split(above))
    steps = parent.steps() if parent else []
    ids = [f"{above}{SEPARATOR}{step}" if above else step for step in steps if above or not step.startswith("_")]
    return [one for one in ids if one.startswith(incomplete)]


def _open_ids(tree: Node, incomplete: str) -> list[str]:
    """Those that have more below them."""
    found = ((one, find(tree, split(one))) for one in _ids(tree, incomplete))
    return [f"{one}{SEPARATOR}" for one, node in found if node is not None and node.steps()]


def _items(values: list[str], typed: int) -> list[CompletionItem]:
    return [CompletionItem(value[typed:]) for value in values]


def _whole_word(before: Sequence[str], incomplete: str) -> tuple[str, int]:
    """The word that is being typed, and how many characters of it the shell keeps.

    bash ends a word at `:` and `=`, and wants to be offered what follows only; other shells give the whole.
    """
    parts = [*before, incomplete]
    first = len(parts) - 1
    while first > 0 and (parts[first] in _BREAKS or parts[first - 1] in _BREAKS):
        first -= 1
    whole = "".join(parts[first:])
    if first == len(parts) - 1:
        return whole, 0
    return whole, len(whole) if incomplete in _BREAKS else len(whole) - len(incomplete)


def bundles_in(folder: Path) -> list[Path]:
    """The bundles that stand in a folder."""
    places = sorted(folder.iterdir()) if folder.is_dir() else []
    return [one for one in places if (one / CONFIGS).is_dir()]


def entries_of(folder: Path) -> list[str]:
    """The names of the configs that can be run, those with a `run`."""
    bundle = open_bundle(folder)
    with within([bundle.root]):
        return [name for name, file in bundle.configs.items() if RUN in load(file).value]
