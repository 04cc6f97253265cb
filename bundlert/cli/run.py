"""`bundlert run`: an entry of a bundle, from config to run folder and report."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from bundlert.allocator import keep_freed_memory
from bundlert.bundle.masking import masked_word
from bundlert.bundle.session import Outcome, Request, run_entry
from bundlert.cli.arguments import BundleFolder, Entry, Override
from bundlert.cli.display import choose_display
from bundlert.cli.entry_help import EntryCommand
from bundlert.progress import say, shown_by
from bundlert.text import to_json

_STOPPED = 130
_NEWEST = "newest"
_PLAIN = (dict, list, str, int, float, bool)


@click.command(
    "run",
    cls=EntryCommand,
    epilog="\b\nExamples:\n"
    "  bundlert run bundles/spleen_fast train\n"
    "  bundlert run bundles/spleen_fast train epochs=2 optimizer::lr=0.001\n"
    "  bundlert run bundles/spleen_fast train dataset_dir=Task09_Spleen profile=full\n"
    "  bundlert run bundles/spleen_fast train --resume\n"
    "  bundlert run bundles/spleen_fast infer image=ct.nii.gz output=seg.nii.gz\n"
    "  bundlert run bundles/spleen_fast train --help",
)
@click.argument("bundle", type=BundleFolder())
@click.argument("entry", type=Entry())
@click.argument("overrides", nargs=-1, type=Override())
@click.option(
    "--resume",
    is_flag=False,
    flag_value=_NEWEST,
    metavar="[RUN]",
    help="Go on with a run that was stopped or killed: the newest, or the one in this folder.",
)
@click.option("--config", "more", multiple=True, type=click.Path(path_type=Path), help="A config file to merge over.")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where runs go.")
@click.option("--trust", is_flag=True, help="Let the bundle's own code run, this once.")
@click.option("--plugins", multiple=True, metavar="NAME", help="Use the components of an installed distribution.")
@click.option("--report/--no-report", default=True, show_default=True, help="Write report.html into the run folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(
    *,
    bundle: Path,
    entry: str,
    overrides: tuple[str, ...],
    resume: str | None,
    more: tuple[Path, ...],
    runs: Path,
    trust: bool,
    plugins: tuple[str, ...],
    report: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run ENTRY (train, evaluate, infer, ...) of the bundle in the folder BUNDLE.

    Each override sets one declared value: `epochs=2`, `network::channels=[8,16,32]`. Values are YAML.
    `--help` behind a bundle lists its entries, behind an entry all that can be set.
    Ctrl-C stops a training after the step, with a checkpoint; a second one stops at once.
    """
    if resume is not None and "=" in resume:  # `--resume epochs=2`: the word is the first override
        overrides, resume = (resume, *overrides), _NEWEST
    named = None if resume in (None, _NEWEST) else Path(resume)
    request = Request(bundle, entry, overrides, more, runs, resume is not None, named, trust, plugins)
    keep_freed_memory()
    with shown_by(choose_display(quiet=quiet)):
        outcome = run_entry(request)
        page = _report(outcome.folder) if report else None
        stopped = _stopped(outcome.result)
        _say_what_came(outcome, page, stopped=stopped)
        if stopped:
            say(f"go on with: {_resume_command(request, outcome.folder)}")
    if as_json:
        click.echo(to_json(_record(entry, outcome, page), indent=2))
    return _STOPPED if stopped else 0


def _report(folder: Path) -> Path:
    from bundlert.reports.page import write_report  # noqa: PLC0415 (0.1 s that help, TAB and mistakes needn't pay)

    return write_report(folder)


def _say_what_came(outcome: Outcome, page: Path | None, *, stopped: bool) -> None:
    result = outcome.result if isinstance(outcome.result, dict) else {}
    for name, value in result.items():
        if isinstance(value, float) and name != "loss":  # one step's
            say(f"{name.replace('_', ' ')}: {value:.4f}")
    for file in result.get("files", ()):
        say(f"wrote {file}")
    say(f"run folder: {outcome.folder}" + (" (stopped, checkpoint saved)" if stopped else ""))
    if page is not None:
        say(f"report: {page}")


def _stopped(result: Any) -> bool:
    return isinstance(result, dict) and bool(result.get("stopped"))


def _resume_command(request: Request, folder: Path) -> str:
    words = ["run", request.bundle, request.entry, *map(masked_word, request.overrides)]
    words += [word for file in request.more for word in ("--config", file)]
    words += [word for name in request.plugins for word in ("--plugins", name)]
    words += ["--trust"] if request.trust else []
    return f"bundlert {shlex.join(map(str, words))} --resume {shlex.quote(str(folder))}"


def _record(entry: str, outcome: Outcome, page: Path | None) -> dict[str, Any]:
    return {
        "entry": entry,
        "folder": str(outcome.folder),
        "report": str(page) if page else None,
        "result": outcome.result if isinstance(outcome.result, _PLAIN) else None,
    }
