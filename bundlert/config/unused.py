"""Top-level keys that nothing uses: a misspelt one is silent otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bundlert.config.references import referred
from bundlert.config.syntax import Form, absolute, form_of, macro_parts
from bundlert.config.tree import Node, Path, every, split
from bundlert.errors import ConfigError, Mark
from bundlert.text import did_you_mean

# What a run itself reads or sets.
OF_THE_RUN = {"initialize", "run", "finalize", "bundle_root", "seed", "device", "imports", "network", "network_def"}


def unused_keys(roots: Iterable[Node], wanted: Iterable[str] = ()) -> Iterator[ConfigError]:
    """The keys that no value of any tree refers to.

    Args:
        roots: The trees of all entries; a key of a file that they share is used if one of them uses it. Give each both
            before and after its macros were expanded, or what only macros use seems unused.
        wanted: Keys that something else uses.
    """
    declared: dict[Mark, str] = {}
    used: set[Mark] = set()
    everywhere: set[str] = set(wanted)
    beside: dict[Mark, list[dict[object, Node]]] = defaultdict(list)
    for root in roots:
        names, marks, files = _uses(root)
        everywhere |= files
        for key, node in root.value.items():
            mark = node.key_mark or node.mark
            if not _may_be_unused(key, mark):
                continue
            declared[mark] = key
            if str(key) in names or mark in marks:
                used.add(mark)
            beside[mark].append(root.value)
    for mark, key in declared.items():
        if mark in used or key in everywhere:
            continue
        others = [str(other) for keys in beside[mark] for other in keys if other != key]
        yield ConfigError(
            f"nothing uses the key '{key}'",
            at=mark,
            path=key,
            hint=did_you_mean(key, others) or f"remove it, or refer to it as '@{key}'",
            rule="unused-key",
        )


def _may_be_unused(key: object, mark: Mark) -> bool:
    is_name = isinstance(key, str) and not key.startswith(("_", "+")) and len(split(key)) == 1
    return is_name and key not in OF_THE_RUN and mark.line > 0


def _uses(root: Node) -> tuple[set[str], set[Mark], set[str]]:
    """Top-level names that something outside of them refers to; keys whose content an alias repeats; keys of macros."""
    names: set[str] = set()
    files: set[str] = set()
    homes: dict[Mark, Mark] = {}
    repeated: set[Mark] = set()
    for key, top in root.value.items():
        home = top.key_mark or top.mark
        for path, node in every(top, (str(key),)):
            if homes.setdefault(node.mark, home) != home and node.mark.line:
                repeated |= {homes[node.mark], home}
            if isinstance(node.value, str):
                found, in_files = _named(path, node)
                names |= found - {str(key)}
                files |= in_files
    return names, repeated, files


def _named(path: Path, node: Node) -> tuple[set[str], set[str]]:
    """The top-level keys that a text refers to: in its own tree, and by a macro in another file."""
    try:
        if form_of(node.value) is Form.MACRO:
            file, config_id = macro_parts(node.value)
            wanted = absolute(config_id, () if file else path, node.mark)[:1]
            return (set(), set(wanted)) if file else (set(wanted), set())
        return {target[0] for target in referred(path, node) if target}, set()
    except ConfigError:  # told of elsewhere
        return set(), set()
