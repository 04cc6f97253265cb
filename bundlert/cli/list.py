"""`bundlert list`: what there is."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bundlert.bundle.layout import open_bundle
from bundlert.bundle.metadata import read_metadata
from bundlert.cli.arguments import entries_of
from bundlert.config.tree import plain
from bundlert.errors import BundleError, BundlertError, ComponentError
from bundlert.registry.registry import standard
from bundlert.text import did_you_mean, listed


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
    kinds = sorted({one.kind for one in standard()})
    chosen = next((one for one in kinds if kind in (one, f"{one}s", f"{one}es")), None)
    if kind is not None and chosen is None:
        raise ComponentError(
            f"there are no components of the kind '{kind}'",
            expected=f"one of {listed(kinds)}",
            hint=did_you_mean(kind, kinds),
        )
    return [
        {"name": one.name, "kind": one.kind, "summary": one.summary} for one in standard() if chosen in (None, one.kind)
    ]


def _bundles(folder: Path) -> list[dict[str, str]]:
    if not folder.is_dir():
        raise BundleError(f"there is no folder '{folder}'", hint="name the one that holds bundles with --folder")
    return [_described(place) for place in sorted(folder.iterdir()) if _is_bundle(place)]


def _is_bundle(place: Path) -> bool:
    try:
        open_bundle(place)
    except BundleError:
        return False
    return True


def _described(place: Path) -> dict[str, str]:
    try:
        about = plain(read_metadata(open_bundle(place).metadata))
        version, summary = str(about.get("version", "?")), ", ".join(entries_of(place))
    except BundlertError:  # one broken bundle doesn't hide the others
        version, summary = "?", f"broken: see `bundlert check {place}`"
    return {"name": str(place), "kind": version, "summary": summary}
