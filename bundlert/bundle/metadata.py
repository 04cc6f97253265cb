"""What a bundle says of itself: read with marks, checked against the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bundlert.config.confined import within
from bundlert.config.load import load
from bundlert.config.tree import Node, find, joined, plain
from bundlert.config.tree import Path as ConfigPath
from bundlert.errors import BundleError, BundlertError, Mark
from bundlert.text import did_you_mean

_HERE = Path(__file__).parent.parent
# In an installed package the schemas stand inside it, in a checkout beside it.
SCHEMAS = _HERE / "schemas" if (_HERE / "schemas").is_dir() else _HERE.parent / "schemas"
_MAX_MESSAGE = 160


def read_metadata(file: Path) -> Node:
    """The metadata as a tree.

    Raises:
        BundleError: There is none.
        ConfigError: It can't be read.
    """
    if not file.is_file():
        raise BundleError("the bundle has no metadata", at=Mark(str(file)), hint="add a metadata.json")
    with within([file.parent]):
        return load(file)


def metadata_problems(metadata: Node) -> Iterator[BundlertError]:
    """Where the metadata breaks the schema, each with file and line."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 (60 ms that `--help` needn't pay)

    schema = json.loads((SCHEMAS / "metadata.schema.json").read_text(encoding="utf-8"))
    found: dict[tuple[ConfigPath, str], Any] = {}  # each missing key is an error, and all have the same words
    for error in Draft202012Validator(schema).iter_errors(plain(metadata)):
        found.setdefault((tuple(str(step) for step in error.absolute_path), _worded(error)), error)
    for (path, words), error in sorted(found.items(), key=lambda one: one[0]):
        node = find(metadata, path) or metadata
        yield BundleError(
            f"metadata: {words}",
            at=node.key_mark or node.mark,
            path=joined(("_meta_", *path)),
            expected=error.schema.get("patternErrorMessage") if error.validator == "pattern" else None,
            hint=_missing_key_hint(error, node),
        )


def _worded(error: Any) -> str:
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        names = " and ".join(f"'{key}'" for key in missing)
        return f"{names} {'is' if len(missing) == 1 else 'are'} missing"
    key = next((str(step) for step in reversed(error.absolute_path)), "metadata")
    message = f"'{key}' can't be {error.instance!r}" if error.validator == "pattern" else str(error.message)
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}..."


def _missing_key_hint(error: Any, node: Node) -> str | None:
    if error.validator != "required":
        return None
    missing = next(key for key in error.validator_value if key not in error.instance)
    return did_you_mean(missing, [step for step in node.steps() if step not in error.validator_value])
