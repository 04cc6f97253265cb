"""`bundlert graph`: what depends on what in an entry."""

from __future__ import annotations

from pathlib import Path

import click

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.cli.arguments import BundleFolder, ConfigId, Entry, Override
from bundlert.config.graph import graph_of
from bundlert.files import write_text
from bundlert.registry.registry import standard
from bundlert.reports.drawing import to_svg
from bundlert.reports.mermaid import to_mermaid


@click.command(
    "graph",
    epilog="\b\nExamples:\n"
    "  bundlert graph bundles/spleen_fast train\n"
    "  bundlert graph bundles/spleen_fast train --format svg -o train.svg\n"
    "  bundlert graph bundles/spleen_fast train --id trainer",
)
@click.argument("bundle", type=BundleFolder())
@click.argument("entry", type=Entry())
@click.argument("overrides", nargs=-1, type=Override())
@click.option("--config", "more", multiple=True, type=click.Path(path_type=Path), help="A config file to merge over.")
@click.option("--format", "form", type=click.Choice(["mermaid", "svg"]), help="Mermaid text, or an SVG picture.")
@click.option("--id", "config_id", default="", type=ConfigId(), help="Only the part with this id, and what it needs.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file; `.svg` makes a picture.")
def command(
    *,
    bundle: Path,
    entry: str,
    overrides: tuple[str, ...],
    more: tuple[Path, ...],
    form: str | None,
    config_id: str,
    output: Path | None,
) -> None:
    """Draw which components and values of ENTRY need which. Nothing is run or imported."""
    root = assemble(open_bundle(bundle), entry, overrides=overrides, more=more)
    graph = graph_of(root, standard(), config_id)
    as_picture = form == "svg" or (form is None and output is not None and output.suffix == ".svg")
    title = f"{bundle.resolve().name} {entry}" + (f": {config_id}" if config_id else "")
    text = to_svg(graph, title) if as_picture else to_mermaid(graph)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
        click.echo(f"wrote {output}", err=True)
