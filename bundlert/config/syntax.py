"""The sigils of the language on one page.

A text is a *reference* if it is wholly `@id`, an *expression* if it begins with `$`, a *macro* if it begins with `%`,
else itself. A doubled sigil (`$$`, `@@`, `%%`) at the beginning stands for the single one, as text. In an id, `::`
(or the older `#`) separates steps; one or more separators right behind the sigil make it relative: one is the same
level, two the level above.
"""

from __future__ import annotations

import re
from enum import Enum

from bundlert.config.tree import Path, split
from bundlert.errors import ConfigError, Mark

# In a text of its own; a negative index is left to Python's slices in an expression.
_WHOLE = re.compile(r"@(?:(?:::|#)*\w+(?:(?:::|#)(?:\w+|-\d+))*)?")
REFERENCE = re.compile(r"@(?:::|#)*\w+(?:(?:::|#)\w+)*")
_RELATIVE = re.compile(r"(?:::|#)+")
_MACRO_FILE = re.compile(r"(.+?\.(?:json|ya?ml))(?:(?:::|#)(.+))?\Z", re.IGNORECASE)

RESERVED = ("_target_", "_args_", "_disabled_", "_requires_", "_desc_", "_mode_")
PLACEHOLDER = "???"  # a value that somebody has yet to give
MODES = ("default", "callable", "debug")  # of `_mode_`
YES = ("true", "yes", "on", "1")  # of `_disabled_`, as a text


class Form(Enum):
    """What a text is in a config."""

    TEXT = "text"
    REFERENCE = "reference"
    EXPRESSION = "expression"
    MACRO = "macro"


def form_of(text: str) -> Form:
    """What a text is: decided by its first character, for a reference by the whole."""
    sigil = text[:1]
    if sigil not in ("@", "$", "%") or text[1:2] == sigil:
        return Form.TEXT
    if sigil == "@":
        return Form.REFERENCE if _WHOLE.fullmatch(text) else Form.TEXT
    return Form.EXPRESSION if sigil == "$" else Form.MACRO


def unescaped(text: str) -> str:
    """A plain text with a doubled first sigil made single."""
    return text[1:] if text[:2] in ("@@", "$$", "%%") else text


def is_relative(target: str) -> bool:
    """Whether an id (without sigil) begins at the place where it stands."""
    return target[:1] in (":", "#")


def absolute(target: str, here: Path, at: Mark) -> Path:
    """The path that an id (without sigil) means at the place `here`.

    Raises:
        ConfigError: A relative id climbs out of the config.
    """
    match = _RELATIVE.match(target) if is_relative(target) else None
    if match is None:
        return split(target)
    levels = len(split(match[0])) - 1
    if levels > len(here):
        raise ConfigError(
            f"the relative id '{target}' climbs {levels} levels",
            at=at,
            path="::".join(here),
            got=f"{len(here)} above it",
        )
    return (*here[: len(here) - levels], *split(target[match.end() :]))


def macro_parts(text: str) -> tuple[str | None, str]:
    """File and id of a macro: `%a::b` has no file, `%other.yaml::a` has one."""
    match = _MACRO_FILE.match(text[1:])
    return (match[1], match[2] or "") if match else (None, text[1:])
