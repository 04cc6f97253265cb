"""`bundlert check`: every mistake that can be seen without running."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bundlert.bundle.assemble import assembled_or_problems
from bundlert.bundle.layout import open_bundle
from bundlert.bundle.validate import problems_of
from bundlert.cli.arguments import BundleFolder, Entry, entries_of
from bundlert.cli.main import MISTAKE, as_record
from bundlert.config.check import walk
from bundlert.config.tree import is_component
from bundlert.errors import BundlertError, Problems
from bundlert.registry.registry import standard


@click.command("check", epilog="\b\nExample:\n  bundlert check bundles/spleen_fast")
@click.argument("bundle", type=BundleFolder())
@click.argument("entries", nargs=-1, type=Entry())
@click.option("--json", "as_json", is_flag=True, help="Print the mistakes as JSON on stdout.")
def command(*, bundle: Path, entries: tuple[str, ...], as_json: bool) -> int:
    """Check the bundle in the folder BUNDLE, all its entries or those named. Nothing is run or imported."""
    opened = open_bundle(bundle)
    found: dict[str, BundlertError] = {}
    components = 0
    for entry in entries or entries_of(bundle):
        root, problems = assembled_or_problems(opened, entry)
        if root is not None:
            problems = problems_of(root, standard())
            components += sum(is_component(node) for _, node in walk(root))
        found.update({str(problem): problem for problem in problems})  # entries share files, and their mistakes
    if as_json:
        click.echo(json.dumps({"errors": [as_record(problem) for problem in found.values()]}, indent=2))
        return MISTAKE if found else 0
    if found:
        raise Problems(list(found.values()))
    click.echo(f"{bundle}: {components} components, no mistakes")
    return 0
