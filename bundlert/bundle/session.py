"""One run of one entry, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bundlert.bundle import run_folder
from bundlert.bundle.assemble import RUN_FACTS, assemble
from bundlert.bundle.layout import open_bundle
from bundlert.bundle.validate import problems_of
from bundlert.config.build import Builder
from bundlert.config.tree import Node
from bundlert.errors import ConfigError, Problems
from bundlert.files import write_text
from bundlert.progress import say
from bundlert.registry.registry import standard
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
    """

    bundle: Path
    entry: str
    overrides: Sequence[str] = ()
    more: Sequence[Path] = ()
    runs: Path = Path("runs")
    resume: bool = False
    resumed_run: Path | None = None


class Outcome(NamedTuple):
    """What came of it: the run folder and the value of the last thing that ran."""

    folder: Path
    result: Any


def run_entry(request: Request) -> Outcome:
    """Check, build and run an entry.

    Raises:
        Problems: The config or the metadata is wrong; nothing was built or written.
        BundlertError: Something is wrong that only shows while running.
    """
    bundle = open_bundle(request.bundle)
    folder, checkpoint = _place(request, bundle.name)
    root = assemble(
        bundle, request.entry, overrides=request.overrides, more=request.more, folder=folder, resume=checkpoint
    )
    _refuse_mistakes(root, request.entry)
    if not request.resume:
        folder = run_folder.new_folder(request.runs, bundle.name, request.entry)
        root.value[RUN_FACTS].value["folder"].value = str(folder)
    builder = Builder(root, standard())
    facts = {"bundle": bundle.name, "entry": request.entry, "overrides": list(request.overrides)}
    facts |= {name: builder.get(name) for name in _DESCRIBED if name in root.value}
    run_folder.describe(folder, root, facts)
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


def _refuse_mistakes(root: Node, entry: str) -> None:
    problems = problems_of(root, standard())
    if RUN not in root.value:
        problems.append(ConfigError(f"'{entry}' has no '{RUN}'", at=root.mark, hint="run another entry"))
    if problems:
        raise Problems(problems)


def _executed(builder: Builder, root: Node) -> Any:
    """The value of the last item of `run`; `finalize` is done whatever happens."""
    try:
        _each(builder, root, INITIALIZE)
        return _each(builder, root, RUN)
    finally:
        _each(builder, root, FINALIZE)


def _each(builder: Builder, root: Node, config_id: str) -> Any:
    node = root.value.get(config_id)
    if node is None:
        return None
    if not isinstance(node.value, list):
        return builder.get(config_id)
    value = None
    for index in range(len(node.value)):
        value = builder.get(f"{config_id}::{index}")
    return value
