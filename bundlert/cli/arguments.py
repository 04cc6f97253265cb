"""Arguments that several commands take, with their completion."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.bundle.session import RUN
from bundlert.config.load import load
from bundlert.errors import BundlertError


class BundleFolder(click.ParamType[Path]):
    """A bundle's folder."""

    name = "bundle"

    def convert(self, value: str | Path, _param: click.Parameter | None, _ctx: click.Context | None) -> Path:
        """The folder as a path."""
        return Path(value)

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """What TAB offers."""
        folders = [one for base in (Path("bundles"), Path()) if base.is_dir() for one in base.iterdir()]
        names = sorted(str(one) for one in folders if (one / "configs").is_dir())
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
        """What TAB offers."""
        try:
            tree = assemble(open_bundle(Path(ctx.params["bundle"])), ctx.params["entry"])
        except (BundlertError, KeyError):
            return []
        keys = [key for key in tree.value if not str(key).startswith("_")]
        return [CompletionItem(f"{key}=") for key in keys if str(key).startswith(incomplete)]


def entries_of(folder: Path) -> list[str]:
    """The names of the configs that can be run, those with a `run`."""
    configs = open_bundle(folder).configs
    return [name for name, file in configs.items() if RUN in load(file).value]
