"""`bundlert show`: an entry's config as it would run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.cli.arguments import BundleFolder, ConfigId, Entry, Override, entries_of
from bundlert.config.dump import dump
from bundlert.config.origin import Row, origins
from bundlert.config.tree import Node, find, joined, plain, split
from bundlert.config.tree import Path as ConfigPath
from bundlert.errors import ConfigError
from bundlert.text import did_you_mean, listed, to_json

_WIDEST = 72


@click.command(
    "show",
    epilog="\b\nExamples:\n"
    "  bundlert show bundles/spleen_fast train\n"
    "  bundlert show bundles/spleen_fast train epochs=2 --id trainer\n"
    "  bundlert show bundles/spleen_fast train epochs=2 --origin\n"
    "  bundlert show bundles/spleen_fast --pipeline\n"
    "  bundlert show bundles/spleen_fast train --pipeline training::dataset::transform\n"
    "  bundlert show bundles/spleen_fast infer --pipeline preprocessing --image ct.nii.gz",
)
@click.argument("bundle", type=BundleFolder())
@click.argument("entry", type=Entry(), required=False)
@click.argument("overrides", nargs=-1, type=Override())
@click.option("--config", "more", multiple=True, type=click.Path(path_type=Path), help="A config file to merge over.")
@click.option("--id", "config_id", default="", type=ConfigId(), help="Only the part with this id.")
@click.option("--origin", is_flag=True, help="Tell of each value which file and line, or which override, set it.")
@click.option(
    "--pipeline",
    is_flag=False,
    flag_value="",
    type=ConfigId(),
    metavar="[ID]",
    help="Show chains of transforms, all or the one with this id, and which steps are one resampling.",
)
@click.option("--image", type=click.Path(path_type=Path), help="Try the chains on this image, and measure each step.")
@click.option("--label", type=click.Path(path_type=Path), help="And its label.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    bundle: Path,
    entry: str | None,
    overrides: tuple[str, ...],
    more: tuple[Path, ...],
    config_id: str,
    origin: bool,
    pipeline: str | None,
    image: Path | None,
    label: Path | None,
    as_json: bool,
) -> None:
    """Print the config of ENTRY: files merged, macros expanded, overrides set.

    With `--pipeline` its chains of transforms, or those of all entries if no ENTRY is given.
    """
    files = {key: file for key, file in (("image", image), ("label", label)) if file}
    if pipeline is not None:
        entries = [entry] if entry else entries_of(bundle)
        asked = {"overrides": overrides, "more": more, "config_id": pipeline, "files": files}
        _show_pipelines(bundle, entries, asked, as_json=as_json)
        return
    if entry is None or files:
        raise click.UsageError("Missing argument 'ENTRY'." if entry is None else "--image and --label need --pipeline.")
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


def _show_pipelines(bundle: Path, entries: Sequence[str], asked: Mapping[str, Any], *, as_json: bool) -> None:
    from bundlert.reports.bundle_pipelines import Question, pipelines_of, record_of  # noqa: PLC0415 (loads torch)
    from bundlert.reports.pipeline_text import LEGEND, plan_lines  # noqa: PLC0415

    found = pipelines_of(Question(open_bundle(bundle), entries, **asked))
    if as_json:
        click.echo(to_json([record_of(one) for one in found], indent=2))
        return
    for one in found:
        click.echo(f"{click.style(one.config_id, bold=True)}  {one.mark}, in {listed(one.entries)}")
        click.echo(f"used by {listed(f'{config_id} ({name})' for config_id, name in one.users) or 'nothing'}")
        click.echo("\n".join(plan_lines(one.plan, one.trace)))
        click.echo(f"not tried on the image: {one.not_run}\n" if one.not_run else "")
    click.echo(LEGEND)


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
