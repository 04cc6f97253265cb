"""`bundlert completion`: the line that lets a shell complete commands, bundles, entries, ids and components."""

from __future__ import annotations

import click

_LINES = {
    "bash": ("~/.bashrc", 'eval "$(_BUNDLERT_COMPLETE=bash_source bundlert)"'),
    "zsh": ("~/.zshrc", 'eval "$(_BUNDLERT_COMPLETE=zsh_source bundlert)"'),
    "fish": ("~/.config/fish/completions/bundlert.fish", "_BUNDLERT_COMPLETE=fish_source bundlert | source"),
}


@click.command("completion", epilog="\b\nExample:\n  bundlert completion bash >> ~/.bashrc")
@click.argument("shell", type=click.Choice(list(_LINES)))
def command(*, shell: str) -> None:
    """Print the line that makes TAB complete commands, bundles, entries, overrides and components in SHELL."""
    file, line = _LINES[shell]
    click.echo(line)
    click.echo(f"add this line to {file}", err=True)
