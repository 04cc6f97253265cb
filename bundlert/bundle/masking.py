"""What a user gave and may be a secret, kept out of what a run writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bundlert.config.syntax import Form, form_of
from bundlert.config.tree import Node, Path, copied, every, split
from bundlert.text import may_be_secret

MASK = "***"
_SHORT = 6  # characters; what has fewer is no secret where it is a part of another text
_OF_DATA = ("key", "keys")  # what samples are made of, everywhere in configs


def secrets_of(given: Iterable[tuple[str, Node]]) -> list[str]:
    """The values of a user, as texts, whose ids sound secret: `token=...`, `login::password=...`, `api_key=...`.

    Args:
        given: Id and value of whatever the user set.
    """
    found: dict[str, None] = {}
    for config_id, node in given:
        above = split(config_id.removeprefix("+"))
        for path, one in every(node):
            if _sounds_secret((*above, *path)) and _is_secret(one.value):
                found[str(one.value)] = None
    return sorted(found, key=len, reverse=True)  # one may hold another


def masked_word(word: str, secrets: Sequence[str] = ()) -> str:
    """A word of the command line without the secrets in it."""
    config_id, equals, _ = word.partition("=")
    if equals and _sounds_secret(split(config_id.removeprefix("+"))):
        return f"{config_id}={MASK}"
    return _masked_text(word, secrets)


def masked_tree(root: Node, secrets: Sequence[str]) -> Node:
    """A copy of a tree without the secrets in it, wherever macros brought them; the tree itself if there are none."""
    if not secrets:
        return root
    tree = copied(root)
    for path, node in every(tree):
        if isinstance(node.value, str):
            node.value = _masked_text(node.value, secrets)
        elif _is_secret(node.value) and _sounds_secret(path) and str(node.value) in secrets:
            node.value = MASK
    return tree


def _sounds_secret(path: Path) -> bool:
    return any(may_be_secret(step) and step.lower() not in _OF_DATA for step in path)


def _is_secret(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and value != "" and form_of(value) is Form.TEXT)


def _masked_text(text: str, secrets: Sequence[str]) -> str:
    if text in secrets:
        return MASK
    for secret in secrets:
        text = text.replace(secret, MASK) if len(secret) >= _SHORT else text
    return text
