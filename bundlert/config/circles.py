"""References that wait for each other: every circle of a tree, each as the whole chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from bundlert.config.tree import Node, Path, joined
from bundlert.errors import BundlertError, ConfigError
from bundlert.text import chained

Needs: TypeAlias = dict[Node, Sequence[Node]]

MAX_TOLD = 20
_MAX_CHAINS = 200  # each costs its length


def circles(nodes: Sequence[tuple[Path, Node]], needs: Needs) -> Iterator[BundlertError]:
    """The circles of references among nodes.

    Args:
        nodes: The containers and texts of a tree.
        needs: What each text leads to; a container leads to what it holds.
    """
    told: set[frozenset[Node]] = set()
    paths: dict[Node, Path] = {}
    for chain in islice(_chains(needs), _MAX_CHAINS):
        paths = paths or {node: path for path, node in nodes}
        texts = [one for one in chain if one in needs]
        if not texts or frozenset(texts) in told or len(told) >= MAX_TOLD:
            continue
        told.add(frozenset(texts))
        yield ConfigError(
            "references form a circle",
            at=texts[0].mark,
            path=joined(paths[texts[0]]),
            got=chained(joined(paths[one]) for one in (*texts, texts[0])),
            rule="circular-reference",
        )


def _chains(needs: Needs) -> Iterator[list[Node]]:
    """Each way that leads back to where it came from, by a walk that goes along every edge once.

    It starts at texts only: a circle without one is none.
    """
    done: set[Node] = set()
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
                waiting.append(iter(_reached(following, needs)))


def _reached(node: Node, needs: Needs) -> Iterable[Node]:
    """What a text leads to, or a container holds."""
    found = needs.get(node)
    if found is not None:
        return found
    kids: Iterable[Node] = node.value.values() if isinstance(node.value, dict) else node.value
    return kids if isinstance(node.value, dict | list) else ()
