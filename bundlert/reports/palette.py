"""A colour for each kind of thing in a drawing."""

from __future__ import annotations

_COLOURS = {
    "value": "#8a94a6",
    "expression": "#5b6b8c",
    "run": "#1f2933",
    "network": "#3b6fd4",
    "weights": "#6b4fbb",
    "loss": "#d1495b",
    "metric": "#c77d0a",
    "optimizer": "#b5446e",
    "schedule": "#a85ca8",
    "data": "#2a9d8f",
    "dataset": "#2f9e6b",
    "loader": "#5a9e2f",
    "transform": "#0e8fa8",
    "inferer": "#7a6ff0",
    "engine": "#e07a2f",
    "handler": "#a0703c",
}
_OTHER = "#607080"


def colour_of(kind: str) -> str:
    """A colour as `#rrggbb`, dark enough for white paper."""
    return _COLOURS.get(kind, _OTHER)
