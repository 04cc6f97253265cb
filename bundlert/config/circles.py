"""References that wait for each other: every circle of a tree, each as the whole chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from bundlert.config.tree import Node, Path, joined
from bundlert.errors import BundlertError, ConfigError
from bundlert.text import chained

Needs: TypeAlias = dict[Path, list[Path]]

MAX_TOLD = 20
_MAX_CHAINS = 200  # each costs its length


def circles(nodes: Sequence[tuple[Path, Node]], needs: Needs) -> Iterator[BundlertError]:
    """The circles of references among nodes.

    Args:
        nodes: The containers and texts of a tree.
        needs: The paths that each text leads to; a container leads to what it holds.
    """
    places = dict(nodes)
    told: set[frozenset[Path]] = set()
    for chain in islice(_chains(places, needs), _MAX_CHAINS):
        texts = [one for one in chain if one in needs]
        if not texts or frozenset(texts) in told or len(told) >= MAX_TOLD:
            continue
        told.add(frozenset(texts))
        yield ConfigError(
            "references form a circle",
            at=places[texts[0]].mark,
            path=joined(texts[0]),
            got=chained(joined(one) for one in (*texts, texts[0])),
            rule="circular-reference",
        )


def _chains(places: Mapping[Path, Node], needs: Needs) -> Iterator[list[Path]]:
    """Each way that leads back to where it came from, by a walk that goes along every edge once.

    It starts at texts only: a circle without one is none.
    """
    done: set[Path] = set()
    for start, first in needs.items():
        if start in done or done.issuperset(first):
            done.add(start)
            continue
        order = [start]
        waiting = [iter(first)]
        depth = {start: 0}
        while order:
            following = next(waiting[-1], None)
            if following is None:
                waiting.pop()
                done.add(order[-1])
                del depth[order.pop()]
            elif following in depth:
                yield order[depth[following] :]
            elif following not in done:
                depth[following] = len(order)
                order.append(following)
                waiting.append(iter(_reached(following, places, needs)))


def _reached(path: Path, places: Mapping[Path, Node], needs: Needs) -> Sequence[Path]:
    """What a text leads to, or a container holds."""
    if path in needs:
        return needs[path]
    node = places.get(path)
    return () if node is None else [(*path, step) for step in node.steps()]
