"""`bundlert show`: an entry's config as it would run."""

from __future__ import annotations

from pathlib import Path

import click

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.cli.arguments import BundleFolder, Entry, Override
from bundlert.config.dump import dump
from bundlert.config.tree import find, plain, split
from bundlert.errors import ConfigError
from bundlert.text import did_you_mean, to_json


@click.command(
    "show",
    epilog="\b\nExamples:\n"
    "  bundlert show bundles/spleen_fast train\n"
    "  bundlert show bundles/spleen_fast train epochs=2 --id trainer",
)
@click.argument("bundle", type=BundleFolder())
@click.argument("entry", type=Entry())
@click.argument("overrides", nargs=-1, type=Override())
@click.option("--config", "more", multiple=True, type=click.Path(path_type=Path), help="A config file to merge over.")
@click.option("--id", "config_id", default="", help="Only the part with this id.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *, bundle: Path, entry: str, overrides: tuple[str, ...], more: tuple[Path, ...], config_id: str, as_json: bool
) -> None:
    """Print the config of ENTRY: files merged, macros expanded, overrides set."""
    root = assemble(open_bundle(bundle), entry, overrides=overrides, more=more)
    node = find(root, split(config_id))
    if node is None:
        raise ConfigError(f"the config has no '{config_id}'", hint=did_you_mean(config_id, root.steps()))
    if as_json:
        click.echo(to_json(plain(node), indent=2))
    else:
        click.echo(dump(node).removesuffix("...\n"), nl=False)  # YAML's end of a document, after a bare number
