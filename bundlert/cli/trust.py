"""`bundlert trust`: let the code of a bundle run, for as long as no file of it changes."""

from __future__ import annotations

from pathlib import Path

import click

from bundlert.bundle.layout import open_bundle
from bundlert.bundle.policy import read_policies, refuse_trust
from bundlert.bundle.trust import code_of, consents, forget, trust
from bundlert.cli.arguments import BundleFolder
from bundlert.text import listed


@click.command(
    "trust",
    epilog="\b\nExamples:\n"
    "  bundlert trust bundles/with_code\n"
    "  bundlert trust --list\n"
    "  bundlert trust --forget bundles/with_code",
)
@click.argument("bundle", type=BundleFolder(), required=False)
@click.option("--list", "as_list", is_flag=True, help="List what is trusted.")
@click.option("--forget", "forgets", is_flag=True, help="Take it back.")
def command(*, bundle: Path | None, as_list: bool, forgets: bool) -> None:
    """Let the code in BUNDLE run, as it is now: one byte changed, and it is refused until you trust it again."""
    if as_list:
        for path, consent in consents().items():
            click.echo(f"{path}  {consent.digest}  since {consent.since}")
    elif bundle is None:
        raise click.UsageError("Name a bundle, or give --list.")
    elif forgets:
        forget(bundle)
        click.echo(f"{bundle}: sealed from now on")
    else:
        refuse_trust(read_policies())
        names = code_of(open_bundle(bundle).root)
        consent = trust(bundle)
        click.echo(f"{bundle}: trusted as it is now, digest {consent.digest}")
        click.echo(
            f"code that may run: {listed(names)}" if names else "it holds no code; `bundlert run` needs no trust"
        )
