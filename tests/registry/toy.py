"""Components small enough to see through."""

from typing import NamedTuple

from bundlert.registry.index import Component


class Pair(NamedTuple):
    """Two values."""

    a: object = None
    b: object = None


PAIR = Component("toy", "Pair", "registry.toy", "two values")
