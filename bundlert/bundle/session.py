"""One run of one entry, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bundlert.bundle import run_folder
from bundlert.bundle.assemble import RUN_FACTS, assemble
from bundlert.bundle.layout import Bundle, open_bundle
from bundlert.bundle.masking import masked_word, secrets_of
from bundlert.bundle.permissions import Permissions, permissions_of, policy_problems
from bundlert.bundle.validate import problems_of
from bundlert.config.build import Builder
from bundlert.config.steps import do_steps, idle_steps
from bundlert.config.tree import Node
from bundlert.config.unfilled import unfilled
from bundlert.errors import ConfigError, Problems
from bundlert.files import write_text
from bundlert.progress import say
from bundlert.registry.registry import Registry
from bundlert.text import to_json

METRICS = "metrics.json"
INITIALIZE, RUN, FINALIZE = "initialize", "run", "finalize"
_DESCRIBED = ("seed", "device")  # what they are in the end is noted with the run


class Request(NamedTuple):
    """What is asked for.

    Attributes:
        bundle: The bundle's folder.
        entry: The name of one of its entries.
        overrides: `id=value` texts.
        more: Config files merged over the entry's.
        runs: The folder that holds all runs.
        resume: Whether to go on with a run.
        resumed_run: That run's folder; the newest if None.
        trust: Whether the bundle's code may run, this once.
        plugins: Installed distributions whose components may be used.
    """

    bundle: Path
    entry: str
    overrides: Sequence[str] = ()
    more: Sequence[Path] = ()
    runs: Path = Path("runs")
    resume: bool = False
    resumed_run: Path | None = None
    trust: bool = False
    plugins: Sequence[str] = ()


class Outcome(NamedTuple):
    """What came of it: the run folder and the value of the last thing that ran."""

    folder: Path
    result: Any


def run_entry(request: Request) -> Outcome:
    """Check, build and run an entry.

    Raises:
        Problems: The config or the metadata is wrong; nothing was built or written.
        PolicyError: It needs what the user or a policy doesn't allow.
        BundlertError: Something is wrong that only shows while running.
    """
    bundle = open_bundle(request.bundle)
    may = permissions_of(bundle.root, request.overrides, request.more, trust=request.trust)
    with may.vouched(bundle.root):
        return _run(request, bundle, may)


def _run(request: Request, bundle: Bundle, may: Permissions) -> Outcome:
    folder, checkpoint = _place(request, bundle.name)
    root = assemble(
        bundle, request.entry, overrides=request.overrides, more=request.more, folder=folder, resume=checkpoint
    )
    registry = may.registry(bundle.root, request.plugins)
    _refuse_mistakes(root, request.entry, registry, may)
    if not request.resume:
        folder = run_folder.new_folder(request.runs, bundle.name, request.entry)
        root.value[RUN_FACTS].value["folder"].value = str(folder)
    say(may.level.words)
    with may.bounded(bundle.root, folder):
        builder = Builder(root, registry)
        secrets = secrets_of(may.given)
        facts: dict[str, Any] = {"bundle": bundle.name, "entry": request.entry}
        facts["overrides"] = [masked_word(text, secrets) for text in request.overrides]
        facts |= {"level": may.level.words, "digest": may.level.digest}
        facts |= {name: builder.get(name) for name in _DESCRIBED if name in root.value}
        run_folder.describe(folder, root, facts, secrets)
        result = _executed(builder, root)
    if isinstance(result, dict):
        write_text(folder / METRICS, to_json(result, indent=2) + "\n")
    return Outcome(folder, result)


def _place(request: Request, name: str) -> tuple[Path, Path | None]:
    """The run folder (its parent, as long as nothing may be written) and the checkpoint to go on from."""
    if not request.resume:
        return request.runs / name, None
    folder = run_folder.folder_to_resume(request.runs, name, request.entry, request.resumed_run)
    checkpoint = run_folder.checkpoint_of(folder)
    if checkpoint is None:
        say(f"'{folder}' has no checkpoint yet: beginning anew")
    return folder, checkpoint


def _refuse_mistakes(root: Node, entry: str, registry: Registry, may: Permissions) -> None:
    problems = list(policy_problems(root, registry, may.policies)) or problems_of(root, registry)
    if RUN not in root.value:
        problems.append(ConfigError(f"'{entry}' has no '{RUN}'", at=root.mark, hint="run another entry"))
    problems += idle_steps(root, (INITIALIZE, RUN, FINALIZE))
    problems += unfilled(root, (*_DESCRIBED, INITIALIZE, RUN, FINALIZE))
    if problems:
        raise Problems(problems)


def _executed(builder: Builder, root: Node) -> Any:
    """The value of the last item of `run`; `finalize` is done whatever happens."""
    try:
        do_steps(builder, root, INITIALIZE)
        return do_steps(builder, root, RUN)
    finally:
        do_steps(builder, root, FINALIZE)
