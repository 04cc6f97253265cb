"""One tree of an entry: its files, the metadata, where the run stands, and the overrides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bundlert.bundle.layout import Bundle
from bundlert.bundle.metadata import read_metadata
from bundlert.config.check import walk
from bundlert.config.confined import within
from bundlert.config.load import load
from bundlert.config.macros import expand
from bundlert.config.merge import merge, override, parse_override
from bundlert.config.syntax import Form, form_of, macro_parts
from bundlert.config.tree import Node, planted
from bundlert.errors import BundlertError, ConfigError, Mark

META = "_meta_"
RUN_FACTS = "_run_"
ROOT = "bundle_root"


def assemble(
    bundle: Bundle,
    entry: str,
    *,
    overrides: Sequence[str] = (),
    more: Iterable[Path] = (),
    folder: Path = Path("runs"),
    resume: Path | None = None,
) -> Node:
    """The tree of an entry with everything in it that isn't built yet.

    Args:
        bundle: The opened bundle.
        entry: What to run: the name of a config file.
        overrides: `id=value` texts, the last wins.
        more: Config files that are merged over the entry's own.
        folder: The run folder, `@_run_::folder` in configs.
        resume: The checkpoint to go on from, `@_run_::resume` in configs.

    Raises:
        ConfigError: A file, macro or override is wrong.
        BundleError: There is no such entry, or no metadata.
    """
    with within([bundle.root]):
        root = load(bundle.entry(entry))
    for file in more:
        with within([bundle.root, file.parent]):  # what the user's own file includes is the user's
            merge(root, load(file))
    root.value[META] = read_metadata(bundle.metadata)
    given = Mark("this run")
    root.value[ROOT] = planted(str(bundle.root), given)
    run = {"folder": str(folder), "resume": str(resume) if resume else None, "entry": entry}
    root.value[RUN_FACTS] = planted(run, given)
    pending = [parse_override(text) for text in overrides]
    with within([bundle.root, *(file.parent for file in more), *_named(pending)]):
        late = [pair for pair in pending if not _applied(root, *pair)]
        expand(root)
        for config_id, node in late:
            override(root, config_id, node)  # what a macro brought, or what is declared nowhere
            expand(root)  # it may be a macro itself
    return root


def _named(overrides: Iterable[tuple[str, Node]]) -> Iterator[Path]:
    """The files that macros in overrides name."""
    texts = [node.value for _, given in overrides for _, node in walk(given) if isinstance(node.value, str)]
    for text in texts:
        file = macro_parts(text)[0] if form_of(text) is Form.MACRO else None
        if file is not None:
            yield Path(file)


def _applied(root: Node, config_id: str, node: Node) -> bool:
    try:
        override(root, config_id, node)
    except ConfigError:
        return False
    return True


def assembled_or_problems(bundle: Bundle, entry: str) -> tuple[Node | None, list[BundlertError]]:
    """The tree of an entry, or the mistake that keeps it from being assembled."""
    try:
        return assemble(bundle, entry), []
    except BundlertError as error:
        return None, [error]
