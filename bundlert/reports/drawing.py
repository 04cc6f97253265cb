"""A graph as an SVG picture: boxes in columns, coloured by kind, joined by curves."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from bundlert.config.graph import Graph, Vertex
from bundlert.reports.layers import Layout, Spot, lay_out
from bundlert.reports.palette import colour_of

_HEIGHT, _GAP, _BETWEEN, _MARGIN, _HEAD = 40.0, 14.0, 84.0, 28.0, 64.0
_PADDING, _LETTER, _SMALL_LETTER = 14.0, 7.3, 6.3
_STYLE = """
  text { font-family: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
  .title { font-size: 17px; font-weight: 600; fill: #1f2933 }
  .legend { font-size: 12px; fill: #3e4c59 }
  .name { font-size: 13px; font-weight: 600; fill: #1f2933 }
  .detail { font-size: 11.5px; fill: #52606d }
  .line { fill: none; stroke: #9aa5b1; stroke-width: 1.3 }
  .line:hover { stroke: #1f2933; stroke-width: 2.2 }
  .box { fill: #ffffff; stroke-width: 1.2 }
"""


def to_svg(graph: Graph, title: str) -> str:
    """A whole SVG document that needs no other file."""
    vertices = graph.vertices
    layout = lay_out(list(vertices), graph.needs, dict.fromkeys(vertices, _HEIGHT), _GAP)
    lefts, widths, total = _places(layout, vertices)
    top = min(layout.middle.values(), default=0.0) - _HEIGHT / 2
    middle = {spot: value - top + _HEAD + _MARGIN for spot, value in layout.middle.items()}
    bottom = max(middle.values(), default=_HEAD) + _HEIGHT / 2 + _MARGIN
    kinds = list(dict.fromkeys(vertex.kind for vertex in vertices.values()))
    legend, legend_width = _legend(kinds)
    width = max(total, legend_width, _MARGIN * 2 + len(title) * 9.5)
    curves = [_curve(line, middle, lefts, widths, layout) for line in layout.lines]
    boxes = [_box(vertex, lefts[name], middle[name], widths[name]) for name, vertex in vertices.items()]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{bottom:.0f}" '
        f'viewBox="0 0 {width:.0f} {bottom:.0f}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{width:.0f}" height="{bottom:.0f}" fill="#fbfcfd"/>',
        f'<text class="title" x="{_MARGIN:.0f}" y="34">{escape(title)}</text>',
        *legend,
        *curves,
        *boxes,
        "</svg>\n",
    ])  # fmt: skip


def _width(vertex: Vertex) -> float:
    return max(len(vertex.config_id) * _LETTER, len(vertex.detail) * _SMALL_LETTER) + 2 * _PADDING


def _places(layout: Layout, vertices: dict[str, Vertex]) -> tuple[dict[str, float], dict[str, float], float]:
    """The left edge and width of each box, all of a column alike, and the width of the whole."""
    lefts: dict[str, float] = {}
    widths: dict[str, float] = {}
    at = _MARGIN
    for column in layout.columns:
        boxes = [spot for spot in column if isinstance(spot, str)]
        widest = max((_width(vertices[name]) for name in boxes), default=0.0)
        lefts.update(dict.fromkeys(boxes, at))
        widths.update(dict.fromkeys(boxes, widest))
        at += widest + _BETWEEN
    return lefts, widths, at - _BETWEEN + _MARGIN if layout.columns else 2 * _MARGIN


def _edges(spot: Spot, lefts: dict[str, float], widths: dict[str, float], layout: Layout) -> tuple[float, float]:
    """Where a line meets a spot's column, and where it leaves it."""
    if isinstance(spot, str):
        return lefts[spot], lefts[spot] + widths[spot]
    name = next(one for one in layout.columns[spot[2]] if isinstance(one, str))
    return lefts[name], lefts[name] + widths[name]


def _curve(
    line: Sequence[Spot], middle: dict[Spot, float], lefts: dict[str, float], widths: dict[str, float], layout: Layout
) -> str:
    parts: list[str] = []
    for one, other in pairwise(line):
        start, end = _edges(one, lefts, widths, layout)[1], _edges(other, lefts, widths, layout)[0]
        if not parts:
            parts.append(f"M{start:.1f} {middle[one]:.1f}")
        else:
            parts.append(f"L{start:.1f} {middle[one]:.1f}")
        bend = (end - start) / 2
        parts.append(
            f"C{start + bend:.1f} {middle[one]:.1f} {end - bend:.1f} {middle[other]:.1f} {end:.1f} {middle[other]:.1f}"
        )
    words = f"{line[0]} -> {line[-1]}"
    return f'<path class="line" d="{" ".join(parts)}"><title>{escape(words)}</title></path>'


def _box(vertex: Vertex, left: float, middle: float, width: float) -> str:
    colour, top = colour_of(vertex.kind), middle - _HEIGHT / 2
    name_at = middle - 3 if vertex.detail else middle + 4.5
    return (
        f"<g><title>{escape(f'{vertex.config_id}: {vertex.kind} {vertex.detail}')}</title>"
        f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_HEIGHT:.0f}" rx="7" '
        f'stroke="{colour}"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_HEIGHT:.0f}" rx="7" fill="{colour}" '
        f'fill-opacity="0.10"/>'
        f'<rect x="{left:.1f}" y="{top + 7:.1f}" width="4" height="{_HEIGHT - 14:.0f}" fill="{colour}"/>'
        f'<text class="name" x="{left + _PADDING:.1f}" y="{name_at:.1f}">{escape(vertex.config_id)}</text>'
        f'<text class="detail" x="{left + _PADDING:.1f}" y="{middle + 12:.1f}">{escape(vertex.detail)}</text></g>'
    )


def _legend(kinds: Sequence[str]) -> tuple[list[str], float]:
    at, parts = _MARGIN, []
    for kind in kinds:
        parts.append(f'<rect x="{at:.1f}" y="48" width="11" height="11" rx="2.5" fill="{colour_of(kind)}"/>')
        parts.append(f'<text class="legend" x="{at + 17:.1f}" y="58">{escape(kind)}</text>')
        at += 17 + len(kind) * 6.6 + 20
    return parts, at + _MARGIN
