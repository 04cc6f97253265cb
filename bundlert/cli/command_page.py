"""The page that lists every command with its help: `docs/commands.md`."""

from __future__ import annotations

import click

from bundlert.cli.main import cli

_HEAD = (
    "# Commands\n\n"
    "What `--help` says of each, at a width of 100. Words go to stderr and results to stdout; the exit code is 0 when\n"
    "done, 1 for a bug in bundlert, 2 for a mistake that you can mend, 4 for what was refused, 130 when stopped.\n\n"
    "This page is generated: `python -m bundlert.cli.command_page > docs/commands.md`.\n"
)
_WIDTH = 100


def command_page() -> str:
    """The page as Markdown text."""
    settings = {**cli.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    context = click.Context(cli, info_name="bundlert", **settings)
    parts = [_HEAD, _block("bundlert", cli, context)]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            parts.append(_block(f"bundlert {name}", command, click.Context(command, context, name, **settings)))
    return "\n".join(parts)


def _block(title: str, command: click.Command, context: click.Context) -> str:
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {title}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    click.echo(command_page(), nl=False)
