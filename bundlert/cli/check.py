"""`bundlert check`: every mistake that can be seen without running."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from bundlert.bundle.assemble import assembled_or_problems
from bundlert.bundle.layout import Bundle, open_bundle
from bundlert.bundle.permissions import code_warnings, permissions_of, policy_problems
from bundlert.bundle.session import RUN
from bundlert.bundle.validate import problems_of
from bundlert.cli.arguments import BundleFolder, Entry
from bundlert.cli.main import as_record, exit_code_of, tell
from bundlert.cli.sarif import to_sarif
from bundlert.config.check import ruled, walk
from bundlert.config.confined import within
from bundlert.config.load import load
from bundlert.config.tree import Node, is_component
from bundlert.config.unused import unused_keys
from bundlert.errors import BundleError, BundlertError, Problems


class Findings(NamedTuple):
    """What was found in a bundle: mistakes, what is probably one, and how many components were looked at."""

    errors: list[BundlertError]
    warnings: list[BundlertError]
    components: int


@click.command(
    "check",
    epilog="\b\nExamples:\n"
    "  bundlert check bundles/spleen_fast\n"
    "  bundlert check bundles/spleen_fast train --strict\n"
    "  bundlert check bundles/spleen_fast --sarif > check.sarif",
)
@click.argument("bundle", type=BundleFolder())
@click.argument("entries", nargs=-1, type=Entry())
@click.option("--json", "as_json", is_flag=True, help="Print the mistakes as JSON on stdout.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print them as SARIF 2.1.0, for code hosting sites.")
@click.option("--strict", is_flag=True, help="Take a warning for a mistake.")
def command(*, bundle: Path, entries: tuple[str, ...], as_json: bool, as_sarif: bool, strict: bool) -> int:
    """Check the bundle in the folder BUNDLE, all its entries or those named. Nothing is run or imported.

    Components, arguments, values, references, expressions, files and the metadata are looked at. A key that nothing
    uses is a warning. The exit code is 2 if there are mistakes, 0 if there are none.
    """
    found = _found(open_bundle(bundle), entries)
    if strict:
        found = Findings([*found.errors, *found.warnings], [], found.components)
    if as_json:
        click.echo(json.dumps(_records(found), indent=2))
    elif as_sarif:
        click.echo(json.dumps(to_sarif(found.errors, found.warnings), indent=2))
    elif found.errors or found.warnings:
        tell(found.errors, found.warnings)
    if found.errors:
        return exit_code_of(Problems(found.errors))
    if not as_json and not as_sarif:
        click.echo(f"{bundle}: {found.components} components, no mistakes{_plural(len(found.warnings))}")
    return 0


def _plural(warnings: int) -> str:
    return "" if not warnings else f", {warnings} warning{'s' if warnings > 1 else ''}"


def _found(bundle: Bundle, entries: Sequence[str]) -> Findings:
    known = [name for name in bundle.configs if _may_run(bundle, name)]
    may = permissions_of(bundle.root, (), (), trust=False)
    registry = may.registry(bundle.root)
    roots: dict[str, Node] = {}
    errors: dict[str, BundlertError] = {}  # entries share files, and their mistakes
    components = 0
    for entry in entries or known:
        root, problems = assembled_or_problems(bundle, entry)
        if root is not None:
            roots[entry] = root
            problems = [*policy_problems(root, registry, may.policies)] or problems_of(root, registry)
            components += sum(is_component(node) for _, node in walk(root))
        errors.update({str(problem): _named(problem) for problem in problems})
    warnings = [*code_warnings(bundle.root, may.level), *_warnings(bundle, known, entries, roots)]
    return Findings(list(errors.values()), warnings, components)


def _may_run(bundle: Bundle, name: str) -> bool:
    """Whether a config is an entry, or can't be read, which is told as well."""
    try:
        with within([bundle.root]):
            return RUN in load(bundle.configs[name]).value
    except BundlertError:
        return True


def _named(problem: BundlertError) -> BundlertError:
    return ruled("metadata" if isinstance(problem, BundleError) else "unreadable", problem)


def _warnings(bundle: Bundle, known: list[str], asked: Sequence[str], roots: dict[str, Node]) -> list[BundlertError]:
    """Keys that no entry uses, in the files of those that were asked for; none while a file can't be read."""
    trees: list[Node] = []
    for entry in dict.fromkeys([*known, *roots]):
        root = roots.get(entry) or assembled_or_problems(bundle, entry)[0]
        if root is None:
            return []
        trees += [load(bundle.entry(entry)), root]
    files = {node.key_mark.file for root in roots.values() for node in root.value.values() if node.key_mark}
    return [one for one in unused_keys(trees) if not asked or (one.at and one.at.file in files)]


def _records(found: Findings) -> dict[str, object]:
    return {
        "errors": [as_record(problem) for problem in found.errors],
        "warnings": [as_record(problem, "warning") for problem in found.warnings],
    }
