"""The `bundlert` command: finds the sub-command, turns mistakes into a message and an exit code."""

from __future__ import annotations

import errno
import json
import os
import platform
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TypeAlias

import click

from bundlert import __version__
from bundlert.config.collector import rarely
from bundlert.errors import BundlertError, PolicyError, Problems
from bundlert.text import nearest

Record: TypeAlias = dict[str, str | int | None]
DONE, BUG, MISTAKE, REFUSED, STOPPED = 0, 1, 2, 4, 130
_REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
_REPORT = (
    "This is a bug in bundlert, not a mistake of yours. Please report it where you got bundlert from,\n"
    "with the command, the traceback above and these versions:"
)

# Command -> one line of help. The module `bundlert.cli.<command>` is imported when the command is used.
_COMMANDS = {
    "run": "Train, evaluate or infer: run an entry of a bundle.",
    "check": "Find every mistake in a bundle without running it.",
    "show": "Print an entry's config as it would run.",
    "graph": "Draw what depends on what in an entry.",
    "list": "List bundles, their entries, or components.",
    "describe": "Tell what a component takes, does and is used for.",
    "trust": "Let the code in a bundle run, for as long as no file of it changes.",
    "completion": "Print the line that lets your shell complete all of this.",
}


class _Commands(click.Group):
    """Commands whose modules are imported only when they are used, so that `--help` is quick."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # `bundlert show ... | head`: nobody reads on, which click would call a failure
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(DONE) from None

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"bundlert.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and (guess := nearest(args[0], _COMMANDS)):
            ctx.fail(f"No such command '{args[0]}'. Did you mean '{guess}'?")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExamples:\n"
    "  bundlert run bundles/spleen_fast train epochs=2\n"
    "  bundlert run bundles/spleen_fast infer image=ct.nii.gz output=seg.nii.gz\n"
    "  bundlert check bundles/spleen_fast",
)
@click.version_option(__version__, prog_name="bundlert")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def cli(*, debug: bool) -> None:
    """Run, check and look at model bundles for medical imaging."""


def main() -> None:
    """Run the command line and leave with its exit code.

    0 done, 1 a bug, 2 a mistake, 4 refused by a policy or for want of trust, 130 stopped by Ctrl-C.
    """
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    if debug:  # wherever it stands
        arguments = ["--debug", *(word for word in arguments if word != "--debug")]
    with rarely():  # imports and configs make many objects, and no circles of them
        sys.exit(_exit_code(arguments, debug=debug))


def _exit_code(arguments: list[str], *, debug: bool) -> int:
    as_json = "--json" in arguments
    try:
        code = cli.main(arguments, prog_name="bundlert", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return STOPPED
    except click.ClickException as error:
        _print_records(as_json, [_record_of_other(error, error.message)])
        error.show()
        return MISTAKE
    except Exception as error:  # noqa: BLE001 (whatever isn't a mistake is a bug, and the user is to know that)
        mistake = _as_mistake(error)
        if debug or mistake is None:
            traceback.print_exc()
        if mistake is None:
            _print_records(as_json, [_record_of_other(error, str(error))])
            click.echo(f"\n{_REPORT}\n  {_versions()}", err=True)
            return BUG
        _tell(mistake, as_json=as_json)
        return exit_code_of(mistake)
    return code if isinstance(code, int) else DONE


def _as_mistake(error: Exception) -> BundlertError | None:
    """What the user can mend: a mistake, or a place where the system lets nobody write."""
    if isinstance(error, OSError) and error.errno in _REFUSALS:
        return BundlertError(f"'{error.filename or 'a file'}' can't be used", got=error.strerror)
    return error if isinstance(error, BundlertError) else None


def exit_code_of(error: BundlertError) -> int:
    """4 if something was refused by policy or for want of trust, else 2."""
    problems = error.problems if isinstance(error, Problems) else [error]
    return REFUSED if any(isinstance(problem, PolicyError) for problem in problems) else MISTAKE


def _tell(error: BundlertError, *, as_json: bool) -> None:
    problems = error.problems if isinstance(error, Problems) else [error]
    _print_records(as_json, [as_record(problem) for problem in problems])
    tell(problems)


def tell(problems: Sequence[BundlertError], warnings: Sequence[BundlertError] = ()) -> None:
    """Print mistakes, and after them warnings, for people."""
    words = [_worded(problem, type(problem).__name__, "red") for problem in problems]
    words += [_worded(warning, "Warning", "yellow") for warning in warnings]
    click.echo("\n\n".join(words), err=True)


def _print_records(as_json: bool, records: list[Record]) -> None:
    if as_json:
        click.echo(json.dumps({"errors": records}, indent=2))


def _record_of_other(error: Exception, message: str) -> Record:
    return {**as_record(BundlertError(message)), "code": type(error).__name__}


def _versions() -> str:
    return f"bundlert {__version__}, Python {platform.python_version()}, {platform.platform()}"


def _worded(problem: BundlertError, kind: str, colour: str) -> str:
    first, *rest = str(problem).split("\n")
    return "\n".join([f"{click.style(f'{kind}:', fg=colour, bold=True)} {first}", *rest])


def as_record(problem: BundlertError, level: str = "error") -> Record:
    """A mistake as data, for `--json`."""
    at = problem.at
    return {
        "level": level,
        "code": type(problem).__name__,
        "rule": problem.rule,
        "message": problem.what,
        "file": at.file if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "path": problem.path,
        "got": problem.got,
        "expected": problem.expected,
        "hint": problem.hint,
    }


if __name__ == "__main__":
    main()
