"""A graph as Mermaid text, which code hosting sites and editors draw."""

from __future__ import annotations

from bundlert.config.graph import Graph
from bundlert.reports.palette import colour_of


def to_mermaid(graph: Graph) -> str:
    """A flowchart from what is needed, at the left, to what is run, at the right."""
    names = {config_id: f"n{index}" for index, config_id in enumerate(graph.vertices)}
    lines = ["flowchart LR"]
    for config_id, vertex in graph.vertices.items():
        label = f"<b>{_escaped(config_id)}</b>" + (f"<br/>{_escaped(vertex.detail)}" if vertex.detail else "")
        lines.append(f'  {names[config_id]}["{label}"]:::{_class_of(vertex.kind)}')
    lines += [f"  {names[needed]} --> {names[user]}" for user, needed in graph.needs]
    for kind in sorted({vertex.kind for vertex in graph.vertices.values()}):
        colour = colour_of(kind)
        lines.append(f"  classDef {_class_of(kind)} fill:{colour}22,stroke:{colour},color:#1f2933")
    return "\n".join(lines) + "\n"


def _class_of(kind: str) -> str:
    return "kind_" + "".join(letter if letter.isalnum() else "_" for letter in kind)


def _escaped(text: str) -> str:
    """What would end a label or begin a tag, as Mermaid's entities."""
    return "".join(f"#{ord(one)};" if one in '"<>&#;`\\{}[]()|' else one for one in text)
