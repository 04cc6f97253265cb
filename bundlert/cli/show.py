"""`bundlert show`: an entry's config as it would run."""

from __future__ import annotations

from pathlib import Path

import click

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.cli.arguments import BundleFolder, ConfigId, Entry, Override
from bundlert.config.dump import dump
from bundlert.config.origin import Row, origins
from bundlert.config.tree import Node, find, joined, plain, split
from bundlert.config.tree import Path as ConfigPath
from bundlert.errors import ConfigError
from bundlert.text import did_you_mean, to_json

_WIDEST = 72


@click.command(
    "show",
    epilog="\b\nExamples:\n"
    "  bundlert show bundles/spleen_fast train\n"
    "  bundlert show bundles/spleen_fast train epochs=2 --id trainer\n"
    "  bundlert show bundles/spleen_fast train epochs=2 --origin",
)
@click.argument("bundle", type=BundleFolder())
@click.argument("entry", type=Entry())
@click.argument("overrides", nargs=-1, type=Override())
@click.option("--config", "more", multiple=True, type=click.Path(path_type=Path), help="A config file to merge over.")
@click.option("--id", "config_id", default="", type=ConfigId(), help="Only the part with this id.")
@click.option("--origin", is_flag=True, help="Tell of each value which file and line, or which override, set it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    bundle: Path,
    entry: str,
    overrides: tuple[str, ...],
    more: tuple[Path, ...],
    config_id: str,
    origin: bool,
    as_json: bool,
) -> None:
    """Print the config of ENTRY: files merged, macros expanded, overrides set."""
    root = assemble(open_bundle(bundle), entry, overrides=overrides, more=more)
    node = find(root, split(config_id))
    if node is None:
        raise ConfigError(f"the config has no '{config_id}'", hint=did_you_mean(config_id, root.steps()))
    if origin:
        _show_origins(node, split(config_id), as_json=as_json)
    elif as_json:
        click.echo(to_json(plain(node), indent=2))
    else:
        click.echo(dump(node).removesuffix("...\n"), nl=False)  # YAML's end of a document, after a bare number


def _show_origins(node: Node, base: ConfigPath, *, as_json: bool) -> None:
    rows = list(origins(node))
    if as_json:
        records = [_record(row, base, node) for row in rows if row.mark is not None]
        click.echo(to_json(records, indent=2))
        return
    texts = [f"{'  ' * row.depth}{row.text}" for row in rows]
    width = min(_WIDEST, max(len(text) for text in texts))
    for text, row in zip(texts, rows, strict=True):
        click.echo(f"{text:<{width}}  {_place(row)}".rstrip())


def _place(row: Row) -> str:
    if row.mark is None:
        return ""
    return f"{row.mark.file}:{row.mark.line}" if row.mark.line else row.mark.file


def _record(row: Row, base: ConfigPath, root: Node) -> dict[str, object]:
    value, mark = find(root, row.path), row.mark
    return {
        "id": joined((*base, *row.path)),
        "value": None if value is None else plain(value),
        "origin": mark.file if mark else None,
        "line": mark.line or None if mark else None,
        "column": mark.column or None if mark else None,
    }
