"""`bundlert list`: what there is."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bundlert.bundle.layout import open_bundle
from bundlert.bundle.metadata import read_metadata
from bundlert.cli.arguments import entries_of
from bundlert.config.tree import plain
from bundlert.errors import BundlertError
from bundlert.registry.registry import standard


@click.command(
    "list", epilog="\b\nExamples:\n  bundlert list bundles\n  bundlert list components\n  bundlert list components loss"
)
@click.argument("what", type=click.Choice(["bundles", "components"]), default="bundles")
@click.argument("kind", required=False)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("bundles"), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, what: str, kind: str | None, folder: Path, as_json: bool) -> None:
    """List the bundles in a folder with their entries, or the components (of one KIND)."""
    rows = _bundles(folder) if what == "bundles" else _components(kind)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['name']:<{width}}  {row['kind']:<12} {row['summary']}")


def _components(kind: str | None) -> list[dict[str, str]]:
    return [
        {"name": one.name, "kind": one.kind, "summary": one.summary}
        for one in standard()
        if kind in (None, one.kind, f"{one.kind}s", f"{one.kind}es")
    ]


def _bundles(folder: Path) -> list[dict[str, str]]:
    rows = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        try:
            bundle = open_bundle(place)
            about = plain(read_metadata(bundle.metadata))
        except BundlertError:
            continue  # not a bundle
        entries = ", ".join(entries_of(place))
        rows.append({"name": str(place), "kind": str(about.get("version", "?")), "summary": entries})
    return rows
