"""References in an expression, found outside of its string literals: each becomes a name that Python can parse."""

from __future__ import annotations

import re
from keyword import iskeyword

from bundlert.config.syntax import REFERENCE

_LAST_WORD = re.compile(r"\w+\Z")
_LITERAL_OR_COMMENT = re.compile(r"['\"#]")
_REFERENCE = re.compile(f"@({REFERENCE.pattern[1:]})")
_SPECIAL = re.compile(r"(?i)([rbuf]{0,2})('''|\"\"\"|'|\")|@|#")


def with_names(code: str) -> tuple[str, dict[str, str]]:
    """The code with every reference replaced by a name, and what the names stand for."""
    if "@" not in code and "#" not in code:
        return code, {}
    names: dict[str, str] = {}
    if _LITERAL_OR_COMMENT.search(code):
        code = _replaced(code, names)
    elif code.rfind("@") == 0 and (only := _REFERENCE.match(code)):  # most have one reference, where they begin
        return f"__reference_0__ {code[only.end() :]}", {"__reference_0__": only[1]}
    else:
        code = _replaced_simply(code, names)
    return code.strip(), {name[1:-1]: target for target, name in names.items()}


def _replaced_simply(code: str, names: dict[str, str]) -> str:
    """The code with names for references, where no literal and no comment is; an `@` that multiplies stays."""
    parts = _REFERENCE.split(code)
    for place in range(1, len(parts), 2):
        before = parts[0] if place == 1 else "".join(parts[place - 2 : place])
        parts[place] = f"@{parts[place]}" if before and _after_operand(before) else _hole(parts[place], names)
    return "".join(parts)


def _replaced(code: str, names: dict[str, str], *, comments: bool = True) -> str:
    """The code with names for references; in a field of an f-string `#` belongs to a format."""
    out: list[str] = []
    at = 0
    while special := _SPECIAL.search(code, at):
        start, found = special.start(), special[0]
        out.append(code[at:start])
        at = special.end()
        if found == "@":
            match = REFERENCE.match(code, start)
            is_reference = match and len(match[0]) > 1 and not _after_operand("".join(out[-8:]))
            out.append(_hole(match[0][1:], names) if match and is_reference else "@")
            at = match.end() if match and is_reference else at
        elif found != "#":
            at = _literal_end(code, special)
            literal = code[start:at]
            out.append(_in_format(literal, names) if "f" in special[1].lower() else literal)
        elif comments:
            at = code.find("\n", start) if "\n" in code[start:] else len(code)
        else:
            out.append("#")
    out.append(code[at:])
    return "".join(out)


def _after_operand(before: str) -> bool:
    """Whether an `@` here multiplies matrices: something to multiply stands before it."""
    before = before.rstrip()
    if before[-1:] in tuple(")]}'\""):
        return True
    word = _LAST_WORD.search(before[-80:])
    return word is not None and not iskeyword(word[0])


def _hole(target: str, names: dict[str, str]) -> str:
    hole = names.get(target)
    if hole is None:
        hole = names[target] = f" __reference_{len(names)}__ "
    return hole


def _literal_end(code: str, literal: re.Match[str]) -> int:
    quote, at = literal[2], literal.end()
    while at < len(code):
        if code[at] == "\\":
            at += 2
        elif code.startswith(quote, at):
            return at + len(quote)
        else:
            at += 1
    return len(code)


def _in_format(text: str, names: dict[str, str]) -> str:
    """An f-string with the references in its fields replaced."""
    out: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "{" or text[at + 1 : at + 2] == "{":
            width = 2 if text[at] == "{" else 1
            out.append(text[at : at + width])
            at += width
        else:
            end = _field_end(text, at)
            out.append("{" + _replaced(text[at + 1 : end], names, comments=False) + text[end : end + 1])
            at = end + 1
    return "".join(out)


def _field_end(text: str, at: int) -> int:
    """The place of the brace that closes the field opened at `at`."""
    depth = 0
    while at < len(text):
        if (literal := _SPECIAL.match(text, at)) and literal[2] and literal[2] != text[-len(literal[2]) :]:
            at = _literal_end(text, literal)
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return at
        at += 1
    return len(text)
