"""`bundlert describe`: what a component takes, does and is used for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from bundlert.bundle.assemble import assembled_or_problems
from bundlert.bundle.layout import open_bundle
from bundlert.cli.arguments import ComponentName, bundles_in, entries_of
from bundlert.cli.table import table
from bundlert.config.check import walk
from bundlert.config.introspection.docstring import parse_docstring
from bundlert.config.introspection.signatures import Parameter, exists, place_of, public_names, signature_of
from bundlert.config.tree import Node, find, is_component, joined, split
from bundlert.errors import BundlertError, ComponentError
from bundlert.registry.index import Component
from bundlert.registry.registry import standard
from bundlert.text import did_you_mean, to_json

_WIDTH = 100


class Use(NamedTuple):
    """Where a bundle uses a component."""

    bundle: Path
    config_id: str
    place: str
    target: str


@click.command(
    "describe",
    epilog="\b\nExamples:\n  bundlert describe UNet\n  bundlert describe torch.optim.Adam\n  bundlert describe trainer",
)
@click.argument("name", type=ComponentName())
@click.option("--folder", type=click.Path(path_type=Path), default=Path("bundles"), show_default=True, help="Bundles.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, name: str, folder: Path, as_json: bool) -> None:
    """Tell what the component NAME takes and does, where its source is, and which bundles use it.

    NAME is a component, a class of a listed library, or an id in a bundle, as `trainer`. Nothing is imported.
    """
    component = _component(name, folder)
    uses = [use for use in _uses(folder) if _is_same(use.target, component)]
    about = _about(component, uses)
    if as_json:
        click.echo(to_json(about, indent=2))
    else:
        click.echo("\n".join(_page(component, about)))


def _component(name: str, folder: Path) -> Component:
    """The component of a name, or the one that a bundle builds at the id `name`."""
    try:
        component = standard().find(name)
    except ComponentError:
        target = _target_at(name, folder)
        if target is None:
            raise
        component = standard().find(target)
    if exists(component) is False:
        raise ComponentError(
            f"'{component.module}' has nothing called '{component.name}'",
            hint=did_you_mean(component.name, public_names(component.module)),
        )
    return component


def _target_at(name: str, folder: Path) -> str | None:
    for _, root in _trees(folder):
        node = find(root, split(name))
        if node is not None and is_component(node):
            return str(node.value["_target_"].value)
    return None


def _trees(folder: Path) -> Iterator[tuple[Path, Node]]:
    for place in bundles_in(folder):
        try:
            bundle, entries = open_bundle(place), entries_of(place)
        except BundlertError:  # one broken bundle doesn't hide the others
            continue
        for entry in entries:
            root, _ = assembled_or_problems(bundle, entry)
            if root is not None:
                yield place, root


def _uses(folder: Path) -> list[Use]:
    found: dict[Use, None] = {}
    for place, root in _trees(folder):
        for path, node in walk(root):
            if is_component(node):
                target = node.value["_target_"]
                at = f"{target.mark.file}:{target.mark.line}" if target.mark.line else target.mark.file
                found[Use(place, joined(path), at, str(target.value))] = None
    return list(found)


def _is_same(target: str, component: Component) -> bool:
    try:
        return standard().find(target)[:3] == component[:3]
    except BundlertError:
        return False


def _about(component: Component, uses: Sequence[Use]) -> dict[str, Any]:
    signature, place = signature_of(component), place_of(component)
    doc = parse_docstring(place.doc if place else "")
    return {
        "name": component.name,
        "kind": component.kind,
        "summary": component.summary,
        "module": component.module,
        "file": _from_here(place.file) if place else None,
        "line": place.line if place else None,
        "description": doc.text,
        "arguments": [_argument(one, doc.arguments) for one in signature.parameters] if signature else None,
        "takes_more": signature.open if signature else None,
        "sections": doc.sections,
        "uses": [{"bundle": str(one.bundle), "id": one.config_id, "at": one.place} for one in uses],
    }


def _from_here(file: Path) -> str:
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _argument(one: Parameter, words: dict[str, str]) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.annotation,
        "required": one.required,
        "default": one.default,
        "description": words.get(one.name),
    }


def _page(component: Component, about: dict[str, Any]) -> Iterator[str]:
    yield f"{click.style(component.name, bold=True)}  {component.kind}: {component.summary}"
    yield f"{component.module}" + (f", {about['file']}:{about['line']}" if about["file"] else "")
    yield from ("", about["description"]) if about["description"] else ()
    yield from ("", click.style("Arguments", bold=True))
    yield from _arguments(about)
    for name, text in about["sections"].items():
        yield from ("", click.style(name, bold=True), textwrap.indent(text, "  "))
    yield from ("", click.style("Used in", bold=True))
    rows = [(use["bundle"], use["id"], use["at"]) for use in about["uses"]]
    yield from table(rows, width=_WIDTH) if rows else ["  no bundle here"]


def _arguments(about: dict[str, Any]) -> Iterator[str]:
    if about["arguments"] is None:
        yield "  its source doesn't tell"
        return
    rows = []
    for one in about["arguments"]:
        kind = one["type"] or ""
        default = "" if one["required"] else f"= {one['default']}"
        rows.append((one["name"], f"{kind} {default}".strip(), one["description"] or ""))
    yield from table(rows, width=_WIDTH) if rows else ["  none"]
    if about["takes_more"]:
        yield "  ... and any others"
