"""Annotations of arguments as kinds of plain values: what of a config a call may be given, as far as it can be told."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple, TypeAlias

from bundlert.config.introspection.source import alias, definitions
from bundlert.config.syntax import PLACEHOLDER, Form, form_of
from bundlert.config.tree import Node, is_component

_SCALARS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text", "None": "null"}
_LISTS = {"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence", "set", "Set", "frozenset"}
_TUPLES = {"tuple", "Tuple"}
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping"}
_MAX_DEPTH = 12


class Kind(NamedTuple):
    """One kind of plain value.

    Attributes:
        name: `int`, `float`, `bool`, `str`, `None`, `list`, `tuple`, `dict` or `literal`.
        items: What the items of a list or the values of a mapping may be; None for anything. Of a tuple each position.
        values: The values of a literal.
    """

    name: str
    items: tuple[Kinds | None, ...] = (None,)
    values: tuple[Any, ...] = ()


Kinds: TypeAlias = tuple[Kind, ...]


def kinds_of(module: str, annotation: ast.expr, *, may_be_none: bool = False) -> Kinds | None:
    """What plain values an annotation allows, or None where it can't be told.

    Args:
        module: The module in whose source the annotation stands.
        annotation: Its syntax tree.
        may_be_none: Whether None is the default, and so allowed whatever the annotation says.
    """
    kinds = _kinds(module, annotation, 0)
    return (*kinds, Kind("None")) if kinds and may_be_none else kinds


def _kinds(module: str, one: ast.expr, depth: int) -> Kinds | None:
    if depth > _MAX_DEPTH:
        return None
    if isinstance(one, ast.Constant):
        return _of_constant(module, one.value, depth)
    if isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitOr):
        return _union([_kinds(module, part, depth + 1) for part in (one.left, one.right)])
    if isinstance(one, ast.Subscript):
        return _of_subscript(module, one, depth)
    return _of_name(module, one, depth)


def _of_constant(module: str, value: Any, depth: int) -> Kinds | None:
    if value is None:
        return (Kind("None"),)
    try:
        return _kinds(module, ast.parse(value, mode="eval").body, depth + 1) if isinstance(value, str) else None
    except SyntaxError:
        return None


def _union(parts: list[Kinds | None]) -> Kinds | None:
    found: list[Kind] = []
    for part in parts:
        if part is None:
            return None
        found.extend(kind for kind in part if kind not in found)
    return tuple(found)


def _of_name(module: str, one: ast.expr, depth: int) -> Kinds | None:
    name = _last_name(one)
    if name in definitions(module):
        return None
    if isinstance(one, ast.Name) and (found := alias(module, name)):
        return _kinds(*found, depth + 1)
    if name in _SCALARS:
        return (Kind(name),)
    if name in _LISTS | _TUPLES:
        return (Kind("list"),)
    return (Kind("dict"),) if name in _MAPPINGS else None


def _of_subscript(module: str, one: ast.Subscript, depth: int) -> Kinds | None:
    base = _last_name(one.value)
    inside = one.slice.elts if isinstance(one.slice, ast.Tuple) else [one.slice]
    if base == "Literal":
        values = tuple(part.value for part in inside if isinstance(part, ast.Constant))
        return (Kind("literal", values=values),) if len(values) == len(inside) else None
    if base in ("Union", "Optional"):
        parts = [_kinds(module, part, depth + 1) for part in inside]
        return _union([*parts, (Kind("None"),)] if base == "Optional" else parts)
    if base in ("Annotated", "Final"):
        return _kinds(module, inside[0], depth + 1)
    if base in _LISTS:
        return (Kind("list", (_kinds(module, inside[0], depth + 1),)),)
    if base in _MAPPINGS and len(inside) == 2:
        return (Kind("dict", (_kinds(module, inside[1], depth + 1),)),)
    return _of_tuple(module, inside, depth) if base in _TUPLES else None


def _of_tuple(module: str, inside: list[ast.expr], depth: int) -> Kinds:
    if len(inside) == 2 and isinstance(inside[1], ast.Constant) and inside[1].value is Ellipsis:
        return (Kind("list", (_kinds(module, inside[0], depth + 1),)),)
    return (Kind("tuple", tuple(_kinds(module, part, depth + 1) for part in inside)),)


def _last_name(one: ast.expr) -> str:
    return one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else ""


# ---- values


def fits(node: Node, kinds: Kinds | None) -> bool:
    """Whether a value may be of one of some kinds; what is computed may be anything."""
    return kinds is None or is_open(node) or any(_fits(node, kind) for kind in kinds)


def is_open(node: Node) -> bool:
    """Whether what a node will be isn't written: a component, a reference, an expression, a placeholder."""
    text = node.value
    return is_component(node) or (isinstance(text, str) and (text == PLACEHOLDER or form_of(text) is not Form.TEXT))


def _fits(node: Node, kind: Kind) -> bool:
    value = node.value
    if kind.name == "literal":
        return any(value == one and type(value) is type(one) for one in kind.values)
    if kind.name == "list":
        if isinstance(value, str):
            return kind.items[0] is None or any(one.name == "str" for one in kind.items[0])
        return isinstance(value, list) and all(fits(kid, kind.items[0]) for kid in value)
    if kind.name == "tuple":
        same = isinstance(value, list) and len(value) == len(kind.items)
        return same and all(fits(kid, part) for kid, part in zip(value, kind.items, strict=True))
    if kind.name == "dict":
        return isinstance(value, dict) and all(fits(kid, kind.items[0]) for kid in value.values())
    return _fits_scalar(value, kind.name)


def _fits_scalar(value: Any, name: str) -> bool:
    if name == "bool":
        return isinstance(value, bool) or (isinstance(value, int) and value in (0, 1))
    if name in ("int", "float"):
        number = int if name == "int" else (int, float)
        return isinstance(value, number) and not isinstance(value, bool)
    return value is None if name == "None" else isinstance(value, str)


# ---- words


def worded(kinds: Kinds) -> str:
    """The kinds in plain words: `a number or a list of numbers`."""
    words = list(dict.fromkeys(_word(kind) for kind in kinds))
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _word(kind: Kind) -> str:
    if kind.name == "literal":
        shown = [f"'{one}'" if isinstance(one, str) else str(one) for one in kind.values]
        return f"one of {', '.join(shown)}"
    if kind.name == "tuple":
        return f"a list of {len(kind.items)}"
    if kind.name not in ("list", "dict"):
        return _SCALARS[kind.name]
    what = "a list" if kind.name == "list" else "a mapping"
    inside = kind.items[0]
    if inside is None:
        return what
    plural = {"int": "whole numbers", "float": "numbers", "str": "texts", "bool": "true and false"}
    names = [plural.get(one.name) for one in inside if one.name != "None"]
    return f"{what} of {' or '.join(map(str, names))}" if all(names) and names else what
