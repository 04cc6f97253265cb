"""Files that components are told to read: those that plainly aren't there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path as File

from bundlert.config.evaluation.expressions import parse_expression
from bundlert.config.evaluation.pieces import Piece
from bundlert.config.references import follow
from bundlert.config.syntax import PLACEHOLDER, Form, absolute, form_of, unescaped
from bundlert.config.tree import Node, Path, find, joined
from bundlert.errors import BundlertError, ConfigError, WeightsError
from bundlert.registry.index import Component
from bundlert.text import did_you_mean

ROOT = "bundle_root"
_READS = re.compile(r"(?:.*_)?(?:file|path|weights|checkpoint|ckpt)\Z")
_WRITES = re.compile(r"out|save|dest|target|log|write|export")
_SUFFIXES = (".safetensors", ".pt", ".pth", ".ts", ".onnx", ".json", ".yaml", ".yml", ".csv", ".npy", ".txt")
_MAX_HOPS = 20


def file_problems(root: Node, path: Path, node: Node, component: Component) -> Iterator[BundlertError]:
    """A file that an argument names and that doesn't exist.

    Only what is written plainly counts: a name with a known suffix in an argument called `file`, `weights`, `load_path`
    or alike, or such a name behind `@bundle_root`.

    Args:
        root: The whole tree.
        path: Where the argument stands.
        node: Its value.
        component: Whose argument it is.
    """
    name = path[-1]
    if not _READS.match(name) or _WRITES.search(f"{name} {component.name.lower()}"):
        return
    found = written_text(root, path, node)
    if found is None or not found[0].endswith(_SUFFIXES) or File(found[0]).exists():
        return
    text, place, asking = found
    file, is_weights = File(text), component.kind == "weights"
    yield (WeightsError if is_weights else ConfigError)(
        f"there {'are no weights' if is_weights else 'is no file'} '{file}'",
        at=asking.mark,
        path=joined(place),
        expected=f"a file for {joined(path)} of '{component.name}'" if place != path else None,
        hint=_hint(root, file) or (f"train first, or name another file: {joined(place)}=FILE" if is_weights else None),
        rule="missing-file",
    )


def _hint(root: Node, file: File) -> str | None:
    base = root.value.get(ROOT)
    if base is not None and not file.is_absolute() and (File(str(base.value)) / file).exists():
        return f"it is in the bundle: \"$@{ROOT} + '/{file.as_posix()}'\""
    beside = [one.name for one in file.parent.iterdir()] if file.parent.is_dir() else []
    return did_you_mean(file.name, beside)


def written_text(root: Node, path: Path, node: Node) -> tuple[str, Path, Node] | None:
    """The text that a value is, by references and sums too, and where it is written; None if that doesn't show."""
    return _written(root, path, node, _MAX_HOPS)


def _written(root: Node, path: Path, node: Node, hops: int) -> tuple[str, Path, Node] | None:
    if not isinstance(node.value, str) or not hops:
        return None
    form = form_of(node.value)
    if form is Form.TEXT:
        return None if node.value == PLACEHOLDER else (unescaped(node.value), path, node)
    with suppress(ConfigError):
        if form is Form.REFERENCE:
            place, rest = follow(root, absolute(node.value[1:], path, node.mark), node, path)
            found = find(root, place)
            return None if found is None or rest else _written(root, place, found, hops - 1)
        if form is Form.EXPRESSION:
            parsed = parse_expression(node.value, at=node.mark, path=path)
            values = {
                name: _referred(root, absolute(target, path, node.mark), node, path, hops)
                for name, target in parsed.references.items()
            }
            text = _joined_text(parsed.piece, values)
            return None if text is None else (text, path, node)
    return None


def _referred(root: Node, target: Path, node: Node, path: Path, hops: int) -> str | None:
    place, rest = follow(root, target, node, path)
    found = find(root, place)
    written = None if found is None or rest else _written(root, place, found, hops - 1)
    return written[0] if written else None


def _joined_text(piece: Piece, values: dict[str, str | None]) -> str | None:
    """A sum of texts and references to texts."""
    kind, *parts = piece
    if kind is ast.Constant:
        return parts[0] if isinstance(parts[0], str) else None
    if kind is ast.Name:
        return values.get(parts[0])
    if kind is ast.BinOp and parts[1] is ast.Add:
        left, right = _joined_text(parts[0], values), _joined_text(parts[2], values)
        return None if left is None or right is None else left + right
    return None
