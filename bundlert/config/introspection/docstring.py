"""The parts of a docstring in Google's style: summary, text, and named sections."""

from __future__ import annotations

import re
from typing import NamedTuple

_SECTION = re.compile(r"(Args|Attributes|Shape|Returns|Yields|Raises|Example|Examples|Note|Notes):\Z")
_ITEM = re.compile(r"(\*{0,2}\w+)(?: \([^)]*\))?: *(.*)")


class Docstring(NamedTuple):
    """A docstring taken apart.

    Attributes:
        text: What stands before the first section.
        arguments: Argument -> what it is for.
        sections: The other sections by name.
    """

    text: str
    arguments: dict[str, str]
    sections: dict[str, str]


def parse_docstring(doc: str) -> Docstring:
    """Take a docstring apart."""
    parts: dict[str, list[str]] = {"": []}
    current = ""
    for line in doc.splitlines():
        if heading := _SECTION.match(line):
            current = heading[1]
            parts[current] = []
        else:
            parts[current].append(line)
    text = "\n".join(parts.pop("")).strip()
    arguments = _items(parts.pop("Args", []))
    return Docstring(text, arguments, {name: _joined(lines) for name, lines in parts.items()})


def _items(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name, indent = "", _indent(lines)
    for line in lines:
        match = _ITEM.match(line[indent:])
        if match and not line[:indent].strip():
            name = match[1].lstrip("*")
            found[name] = match[2].strip()
        elif name and line.strip():
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _indent(lines: list[str]) -> int:
    return min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)


def _joined(lines: list[str]) -> str:
    indent = _indent(lines)
    return "\n".join(line[indent:].rstrip() for line in lines).strip()
