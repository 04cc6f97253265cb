"""JSON text to a tree with marks: strict JSON, no duplicate keys, bounded depth, no recursion."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from json.decoder import JSONDecodeError
from typing import Any

from bundlert.config.tree import Node
from bundlert.config.yaml_text import MAX_DEPTH
from bundlert.errors import ConfigError, Mark

_BLANK = re.compile(r"[ \t\r\n]*")
_SEPARATOR = re.compile(r"[ \t\r\n]*(,[ \t\r\n]*)?")
_ENDS = ("]", "}")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None, "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_WORD = re.compile(r"-?[A-Za-z]+")
_string = json.decoder.scanstring  # type: ignore[attr-defined]


def read_json(text: str, file: str) -> Node:
    """The tree of a JSON text.

    Raises:
        ConfigError: Bad JSON, a key written twice, or nested too deep.
    """
    return _Reader(text.removeprefix("\ufeff"), file).read()


class _Reader:
    """One reading: the text, the place in it, the open containers."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._at = 0
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def read(self) -> Node:
        self._skip()
        if self._at == len(self._text):
            return Node(None, self._mark(0))
        open_: list[Node] = []
        root = node = self._value()
        while True:
            if isinstance(node.value, dict | list) and self._peek() not in "]}":
                open_.append(node)  # it has members
                if len(open_) > MAX_DEPTH:
                    raise self._wrong(f"nested deeper than {MAX_DEPTH} levels")
            elif isinstance(node.value, dict | list):
                self._close(node)
            while open_ and self._followed(open_[-1]):
                self._close(open_.pop())
            if not open_:
                break
            node = self._member(open_[-1])
        self._skip()
        if self._at < len(self._text):
            raise self._wrong("there is more after the end")
        return root

    def _value(self) -> Node:
        start, character = self._at, self._peek()
        mark = self._mark(start)
        if character == '"':
            return Node(self._text_value(), mark)
        if character and character in "{[":
            self._at += 1
            self._skip()
            return Node({} if character == "{" else [], mark)
        if match := _NUMBER.match(self._text, start):
            self._at = match.end()
            word = match[0]
            try:
                return Node(int(word) if word.lstrip("-").isdigit() else float(word), mark)
            except ValueError as error:  # thousands of digits
                raise ConfigError(f"not valid JSON: {error}", at=mark) from None
        if (match := _WORD.match(self._text, start)) and match[0] in _WORDS:
            self._at = match.end()
            return Node(_WORDS[match[0]], mark)
        raise self._wrong("a value is missing here")

    def _member(self, container: Node) -> Node:
        """Read the next member up to its value's opening, and put it into its container."""
        if isinstance(container.value, list):
            node = self._value()
            container.value.append(node)
            return node
        mark = self._mark(self._at)
        if self._peek() != '"':
            raise self._wrong("a key in double quotes is missing here")
        key = self._text_value()
        self._skip()
        if self._peek() != ":":
            raise self._wrong(f"':' is missing after the key '{key}'")
        self._at += 1
        self._skip()
        if key in container.value:
            first = container.value[key].key_mark
            raise ConfigError(f"the key '{key}' is written twice", at=mark, got=f"first at {first}", hint="keep one")
        node = self._value()
        node.key_mark = mark
        container.value[key] = node
        return node

    def _followed(self, container: Node) -> bool:
        """Step over a comma after a member; True where the container ends instead."""
        if not container.value:
            return False
        separator = _SEPARATOR.match(self._text, self._at)
        self._at = separator.end()  # type: ignore[union-attr]  # it matches nothing, too
        character = self._text[self._at : self._at + 1]
        if separator[1]:  # type: ignore[index]
            if character in _ENDS:
                raise self._wrong("a comma before the end", hint="remove the comma")
            return False
        if character in _ENDS:
            return True
        raise self._wrong("',' is missing here")

    def _close(self, container: Node) -> None:
        expected = "}" if isinstance(container.value, dict) else "]"
        if self._peek() != expected:
            raise self._wrong(f"'{expected}' is missing here")
        self._at += 1

    def _text_value(self) -> str:
        try:
            value, self._at = _string(self._text, self._at + 1, True)
        except JSONDecodeError as error:
            self._at = error.pos
            raise self._wrong(error.msg) from None
        return value  # type: ignore[no-any-return]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _mark(self, index: int) -> Mark:
        line = bisect_right(self._lines, index)
        return Mark(self._file, line, index - self._lines[line - 1] + 1)

    def _wrong(self, what: str, hint: str | None = None) -> Any:
        return ConfigError(f"not valid JSON: {what}", at=self._mark(self._at), hint=hint)
