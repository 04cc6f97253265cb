"""A JSON Schema of configs for editors: names of components, their arguments and types, told while one writes.

`python -m bundlert.config.schema FILE [PLUGIN ...]` writes it, with the components of the plugins that are named. It is
read from sources, nothing is imported but the plugins. Draft 7, which is what editors of YAML understand best.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from bundlert.config.introspection.annotations import Kind, Kinds
from bundlert.config.introspection.docstring import parse_docstring
from bundlert.config.introspection.signatures import Parameter, Signature, place_of, signature_of
from bundlert.config.syntax import MODES
from bundlert.files import write_text
from bundlert.registry.dialects import spellings
from bundlert.registry.index import Component
from bundlert.registry.libraries import LISTED
from bundlert.registry.plugins import plugin_components
from bundlert.registry.registry import Registry, standard

Schema: TypeAlias = dict[str, Any]

_NODE: Schema = {"$ref": "#/definitions/node"}
_COMPUTED: Schema = {"$ref": "#/definitions/computed"}
_CALLED: Schema = {"type": "object", "required": ["_target_"]}
_SCALARS: dict[str, Schema] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"enum": [True, False, 0, 1]},
    "str": {"type": "string"},
    "None": {"type": "null"},
}
_RESERVED: dict[str, Schema] = {
    "_args_": {"description": "Arguments by position.", "type": "array", "items": _NODE},
    "_disabled_": {"description": "Whether this is left out.", "type": ["boolean", "string", "integer"]},
    "_requires_": {"description": "What has to be there before.", "allOf": [_NODE]},
    "_desc_": {"description": "What this is for, for people.", "type": "string"},
    "_mode_": {
        "description": "`default` calls the component, `callable` gives it uncalled.",
        "anyOf": [{"enum": list(MODES)}, _COMPUTED],
    },
}


def schema_of(registry: Registry) -> Schema:
    """The schema of configs whose components are those of a registry."""
    components = list(registry)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:bundlert:schema:config",
        "$comment": "A config of a bundlert bundle. No title or description here: editors would show it everywhere.",
        "type": "object",
        "properties": {
            "_include_": {
                "description": "Files that this one goes on from.",
                "type": ["string", "array"],
                "items": {"type": "string"},
            },
            "_meta_": {"description": "The bundle's metadata; made by bundlert."},
        },
        "allOf": [_NODE],
        "definitions": {
            "node": {
                "if": _CALLED,
                "then": {"$ref": "#/definitions/component"},
                "else": {"items": _NODE, "additionalProperties": _NODE},
            },
            "computed": {
                "$comment": "A reference, an expression, a macro, a value to be given, or a component.",
                "anyOf": [{"type": "string", "pattern": r"^(\$(?!\$)|%(?!%)|@(?!@)|\?\?\?$)"}, _CALLED],
            },
            "component": _component(components),
            **{name: _unless_computed(schema) for name, schema in _SCALARS.items()},
            **{f"component {one.name}": _call(one) for one in components},
        },
    }


def schema_text(registry: Registry) -> str:
    """The schema as it stands in a file."""
    return json.dumps(schema_of(registry), indent=1) + "\n"


def _component(components: list[Component]) -> Schema:
    """What any component is: something called by a name that there is, and then what that one takes."""
    known = {one.name: [one.name, *_fields(one)] for one in components}
    cases = [
        {
            "if": {"properties": {"_target_": _one_of(names)}},
            "then": {"$ref": f"#/definitions/component {name}"},
        }
        for name, names in known.items()
    ]
    others: Schema = {
        "if": {"properties": {"_target_": _one_of([name for names in known.values() for name in names])}},
        "else": {"additionalProperties": _NODE},
    }
    return {"properties": {"_target_": _target(components), **_RESERVED}, "allOf": [*cases, others]}


def _target(components: list[Component]) -> Schema:
    fields = [name for one in components for name in _fields(one) if "." not in name]
    return {
        "description": "The component that is called: a name, or a dotted name of a trusted library.",
        "anyOf": [
            *({"const": one.name, "description": f"{one.kind}: {one.summary}"} for one in components),
            {"description": "Of a trusted library.", "enum": list(LISTED)},
            {"description": "As the field spells it.", **_one_of(fields)},
            {"description": "A dotted name.", "type": "string", "pattern": r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"},
            _COMPUTED,
        ],
    }


def _one_of(names: Iterable[str]) -> Schema:
    """One of some names, as a pattern: an enum would be offered to whoever types."""
    return {"type": "string", "pattern": f"^({'|'.join(map(re.escape, names))})$"}


def _fields(component: Component) -> list[str]:
    """The field's spellings of a component of the house."""
    return spellings(component) if component.module.startswith("bundlert.") else []


def _call(component: Component) -> Schema:
    """What one component takes."""
    place, signature = place_of(component), signature_of(component)
    words = parse_docstring(place.doc if place else component.summary)
    call: Schema = {"description": " ".join(words.text.partition("\n\n")[0].split())}
    if signature is None:
        return {**call, "additionalProperties": _NODE}
    arguments = {one.name: _argument(one, words.arguments.get(one.name)) for one in signature.parameters}
    theirs = {
        name: {**arguments[meant], "description": f"The field's name of `{meant}`."}
        for name, meant in component.renamed
    }
    call["properties"] = {**dict.fromkeys(["_target_", *_RESERVED], True), **arguments, **theirs}
    call["additionalProperties"] = _NODE if signature.open else False
    return {**call, **_needs(component, signature)}


def _needs(component: Component, signature: Signature) -> Schema:
    """That required arguments are there, under one of their names, unless the component isn't called by name here."""
    if not signature.required:
        return {}
    names = [[one, *(theirs for theirs, meant in component.renamed if meant == one)] for one in signature.required]
    needed: Schema = {"required": [group[0] for group in names if len(group) == 1]}
    several = [{"anyOf": [{"required": [name]} for name in group]} for group in names if len(group) > 1]
    if several:
        needed["allOf"] = several
    return {"if": {"anyOf": [{"required": ["_mode_"]}, {"required": ["_args_"]}]}, "else": needed}


def _argument(parameter: Parameter, words: str | None) -> Schema:
    told: Schema = {"description": words} if words else {}
    if parameter.default is not None:
        try:
            told["default"] = json.loads(json.dumps(ast.literal_eval(parameter.default)))
        except (ValueError, TypeError, SyntaxError):  # made by code
            told["description"] = f"{words or ''} Default: `{parameter.default}`.".strip()
    value = _value(parameter.kinds)
    return {**told, "allOf": [value]} if "$ref" in value else {**told, **value}  # beside a $ref nothing counts


def _value(kinds: Kinds | None) -> Schema:
    """A value of one of some kinds, or anything that makes one."""
    if kinds is None:
        return _NODE
    if len(kinds) == 1 and kinds[0].name in _SCALARS:
        return {"$ref": f"#/definitions/{kinds[0].name}"}
    return _unless_computed(*map(_kind, kinds))


def _unless_computed(*schemas: Schema) -> Schema:
    written = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    return {"if": _COMPUTED, "then": _NODE, "else": written}


def _kind(kind: Kind) -> Schema:
    if kind.name == "literal":
        return {"enum": list(kind.values)}
    if kind.name == "tuple":
        size = len(kind.items)
        return {"type": "array", "items": [_value(part) for part in kind.items], "minItems": size, "maxItems": size}
    if kind.name == "dict":
        return {"type": "object", "additionalProperties": _value(kind.items[0])}
    if kind.name == "list":
        of_texts = kind.items[0] is None or any(one.name == "str" for one in kind.items[0])
        return {"type": ["array", "string"] if of_texts else "array", "items": _value(kind.items[0])}
    return _SCALARS[kind.name]


def main(words: Iterable[str]) -> None:
    """Write the schema: a file, then the plugins that belong to it."""
    file, *plugins = words
    write_text(Path(file), schema_text(standard().extended(plugin_components(plugins))))


if __name__ == "__main__":
    main(sys.argv[1:])
