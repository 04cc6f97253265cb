"""The chains of transforms that a bundle's entries build, each with its plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import Bundle
from bundlert.bundle.permissions import permissions_of
from bundlert.config.build import Builder
from bundlert.config.check import walk
from bundlert.config.syntax import RESERVED
from bundlert.config.tree import Node, find, is_component, joined, planted
from bundlert.config.tree import Path as ConfigPath
from bundlert.errors import BundlertError, ConfigError, Mark
from bundlert.registry.registry import Registry
from bundlert.reports.pipeline import Plan, plan_of
from bundlert.reports.pipeline_trace import Measured, Trace, trace
from bundlert.text import did_you_mean, listed

if TYPE_CHECKING:
    from bundlert.transforms.compose import Compose

_CHAIN, _PLAIN_DATASET = "Compose", "Dataset"


class Question(NamedTuple):
    """Which chains are asked for.

    Attributes:
        bundle: The opened bundle.
        entries: Names of its entries.
        overrides: `id=value` texts.
        more: Config files merged over each entry's.
        config_id: The id of one chain; all if empty.
        files: Key -> a file, to try the chains with.
    """

    bundle: Bundle
    entries: Sequence[str]
    overrides: Sequence[str] = ()
    more: Sequence[Path] = ()
    config_id: str = ""
    files: dict[str, Path] | None = None


class Pipeline(NamedTuple):
    """A chain of a bundle.

    Attributes:
        config_id: Where it stands in the config.
        entries: The entries in which it is the same.
        mark: Where it is written.
        users: Id and component of what it is given to.
        plan: What becomes of it.
        trace: What came of it on the files; None without files.
        not_run: Why it wasn't run on them; None if it was, or if there are none.
    """

    config_id: str
    entries: list[str]
    mark: Mark
    users: list[tuple[str, str]]
    plan: Plan
    trace: Trace | None = None
    not_run: str | None = None


def pipelines_of(question: Question) -> list[Pipeline]:
    """Find and build the chains of a bundle, sealed as any run, and try them if there are files.

    Raises:
        ConfigError: There is no chain, or none with that id; or one can't be built.
        BundlertError: The one that is asked for can't be run on the files.
    """
    may = permissions_of(question.bundle.root, question.overrides, question.more, trust=False)
    given = Mark("this command")
    files = [(key, planted(str(file), given)) for key, file in (question.files or {}).items()]
    may = may._replace(given=[*may.given, *files])
    found: list[Pipeline] = []
    known: dict[str, None] = {}
    with may.vouched(question.bundle.root), may.bounded(question.bundle.root, Path("runs")):
        for entry in question.entries:
            root = assemble(question.bundle, entry, overrides=question.overrides, more=question.more)
            registry = may.registry(question.bundle.root)
            paths = [path for path, node in walk(root) if _component(node, registry) == _CHAIN]
            known |= dict.fromkeys(map(joined, paths))
            builder = Builder(root, registry)
            for path in [one for one in paths if question.config_id in ("", joined(one))]:
                _add(found, _pipeline(builder, root, registry, path, entry=entry, question=question))
    if not found:
        raise _nothing(question, list(known))
    return found


def record_of(pipeline: Pipeline) -> dict[str, Any]:
    """A chain as plain data."""
    plan, measured = pipeline.plan, pipeline.trace
    return {
        "id": pipeline.config_id,
        "entries": pipeline.entries,
        "at": str(pipeline.mark),
        "used_by": [{"id": config_id, "component": name} for config_id, name in pipeline.users],
        "steps": [
            {**step._asdict(), "moves": {key: move._asdict() for key, move in step.moves.items()}}
            for step in plan.steps
        ],
        "done_at_once": [one._asdict() for one in plan.fusions],
        "cache_stops": plan.cache_stops,
        "measured": None
        if measured is None
        else {
            "steps": [_measured(one) for one in measured.steps],
            "cache": _measured(measured.cache) if measured.cache else None,
            "end": _measured(measured.end),
        },
        "not_run": pipeline.not_run,
    }


def _pipeline(
    builder: Builder, root: Node, registry: Registry, path: ConfigPath, *, entry: str, question: Question
) -> Pipeline:
    chain: Compose = builder.get(joined(path))
    node = find(root, path)
    users = _users(root, registry, path)
    cached = any(registry.find(name).kind == "dataset" and name != _PLAIN_DATASET for _, name in users)
    plan = plan_of(chain, cached=cached, arguments=_arguments(builder, root, registry))
    made = Pipeline(joined(path), [entry], node.mark if node else root.mark, users, plan)
    if not question.files:
        return made
    try:
        sample = {key: str(file) for key, file in question.files.items()}
        return made._replace(trace=trace(chain, sample, cache_stops=plan.cache_stops if cached else None))
    except BundlertError as error:
        if question.config_id:
            raise
        return made._replace(not_run=error.what)


def _add(found: list[Pipeline], new: Pipeline) -> None:
    """Note a chain; one that another entry has too, only with the name of the entry."""
    for one in found:
        if one._replace(entries=[], trace=None) == new._replace(entries=[], trace=None):
            one.entries.extend(new.entries)
            return
    found.append(new)


def _component(node: Node, registry: Registry) -> str | None:
    """What a node builds, by the house's name; None where that is computed, or isn't known."""
    target = node.value["_target_"].value if is_component(node) else None
    try:
        return registry.find(target).name if isinstance(target, str) else None
    except BundlertError:
        return None


def _users(root: Node, registry: Registry, path: ConfigPath) -> list[tuple[str, str]]:
    """The components that have a node, or a reference to it, as an argument."""
    found = []
    for place, node in walk(root):
        name = _component(node, registry)
        given = node.value.values() if name else ()
        if name and (place == path[:-1] or any(one.value == f"@{joined(path)}" for one in given)):
            found.append((joined(place), name))
    return found


def _arguments(builder: Builder, root: Node, registry: Registry) -> dict[int, dict[str, Any]]:
    """What the transforms of a config were given, by the `id` of each; the builder keeps them alive."""
    found: dict[int, dict[str, Any]] = {}
    for path, node in walk(root):
        if _component(node, registry) is None or registry.find(node.value["_target_"].value).kind != "transform":
            continue
        try:
            names = [name for name in node.value if name not in RESERVED]
            given = {name: builder.get(joined((*path, name))) for name in names}
            found[id(builder.get(joined(path)))] = given
        except BundlertError:  # it belongs to another chain, which tells of it
            continue
    return found


def _nothing(question: Question, known: Sequence[str]) -> ConfigError:
    if not known:
        return ConfigError(
            f"the bundle has no pipeline in {listed(question.entries)}",
            expected="a component `Compose`",
            hint="put the transforms of a dataset into a `Compose`",
        )
    return ConfigError(
        f"the bundle has no pipeline '{question.config_id}'",
        expected=f"one of {listed(known)}",
        hint=did_you_mean(question.config_id, known),
    )


def _measured(one: Measured) -> dict[str, Any]:
    return {**one._asdict(), "images": {key: seen._asdict() for key, seen in one.images.items()}}
