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
    marks = {path: node for path, node in nodes if path in needs}
    inside = {path: [(*path, step) for step in node.steps()] for path, node in nodes if path not in needs}
    told: set[frozenset[Path]] = set()
    for chain in islice(_chains({**inside, **needs}), _MAX_CHAINS):
        texts = [one for one in chain if one in marks]
        if not texts or frozenset(texts) in told or len(told) >= MAX_TOLD:
            continue
        told.add(frozenset(texts))
        yield ConfigError(
            "references form a circle",
            at=marks[texts[0]].mark,
            path=joined(texts[0]),
            got=chained(joined(one) for one in (*texts, texts[0])),
            rule="circular-reference",
        )


def _chains(needs: Mapping[Path, Sequence[Path]]) -> Iterator[list[Path]]:
    """Each way that leads back to where it came from, by a walk that goes along every edge once."""
    done: set[Path] = set()
    for start in needs:
        order: list[Path] = [] if start in done else [start]
        waiting = [iter(needs[one]) for one in order]
        depth = dict.fromkeys(order, 0)
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
                waiting.append(iter(needs.get(following, ())))
