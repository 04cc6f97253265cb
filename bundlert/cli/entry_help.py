"""The help of a command for one bundle or entry: what it can run, and what of it can be set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.cli.arguments import entries_of
from bundlert.cli.table import table
from bundlert.config.comments import heading_of
from bundlert.config.parameters import Setting, settings_of
from bundlert.errors import BundlertError

_MOST = 40


class EntryCommand(click.Command):
    """A command on BUNDLE and ENTRY whose `--help` tells of the two if they are named before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words: `--help` is answered before they are taken apart."""
        ctx.meta[__name__] = list(args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and above them what is known of the bundle."""
        bundle, entry = _named(self, ctx)
        try:
            if bundle and entry:
                _write_settings(formatter, bundle, entry)
            elif bundle:
                _write_entries(formatter, bundle)
        except BundlertError as error:
            with formatter.section("Mistake"):
                formatter.write(f"  {error}\n")
        super().format_options(ctx, formatter)


def _named(command: click.Command, ctx: click.Context) -> tuple[Path | None, str | None]:
    words = [word for word in ctx.meta.get(__name__, ()) if word not in ctx.help_option_names]
    try:
        given: dict[str, Any] = command.make_parser(ctx).parse_args(words)[0]
    except click.UsageError:
        return None, None
    bundle, entry = given.get("bundle"), given.get("entry")
    return (Path(bundle) if isinstance(bundle, str) else None), entry if isinstance(entry, str) else None


def _write_entries(formatter: click.HelpFormatter, bundle: Path) -> None:
    configs = open_bundle(bundle).configs
    rows = [(name, heading_of(str(configs[name]))) for name in entries_of(bundle)]
    with formatter.section(f"Entries of {bundle}"):
        _write_rows(formatter, rows)


def _write_settings(formatter: click.HelpFormatter, bundle: Path, entry: str) -> None:
    opened = open_bundle(bundle)
    settings = settings_of(assemble(opened, entry), str(opened.entry(entry)))
    values = [one for one in settings if not one.is_part]
    parts = [one for one in settings if one.is_part]
    for title, group in (
        (f"Values of {entry}, set by name=value", values),
        (f"Parts of {entry}, of which arguments are set by part::argument=value", parts),
    ):
        if group:
            with formatter.section(title):
                _write_rows(formatter, [_row(one) for one in group])


def _row(one: Setting) -> tuple[str, str, str]:
    default = one.default if len(one.default) <= _MOST else f"{one.default[: _MOST - 3]}..."
    return one.config_id, default, one.description


def _write_rows(formatter: click.HelpFormatter, rows: list[Any]) -> None:
    if rows:
        lines = table(rows, width=max(formatter.width, 100), indent=" " * formatter.current_indent)
        formatter.write("\n".join(lines) + "\n")
