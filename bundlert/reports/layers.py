"""A layered layout: boxes in columns, each right of all that it needs, in an order with few crossings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

_SWEEPS = 24
# A box, or a point at which a long line passes a column: the needed and the using box, and the column.
Spot: TypeAlias = str | tuple[str, str, int]


class Layout(NamedTuple):
    """Where things are.

    Attributes:
        columns: The spots of each column, from the top.
        middle: The height of each spot's middle.
        lines: The spots that each line goes through, from what is needed to what needs it.
    """

    columns: list[list[Spot]]
    middle: dict[Spot, float]
    lines: list[list[Spot]]


def lay_out(names: Sequence[str], needs: Sequence[tuple[str, str]], heights: Mapping[str, float], gap: float) -> Layout:
    """Place boxes so that lines run to the right and are short.

    Args:
        names: All boxes.
        needs: Pairs of which the first needs the second.
        heights: The height of each box.
        gap: The least distance between boxes of a column.
    """
    needs = _without_circles(names, needs)
    column = _columns(names, needs)
    columns: list[list[Spot]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for name in names:
        columns[column[name]].append(name)
    lines: list[list[Spot]] = []
    for user, needed in needs:
        passed: list[Spot] = [(needed, user, at) for at in range(column[needed] + 1, column[user])]
        for spot in passed:
            columns[spot[2] if isinstance(spot, tuple) else 0].append(spot)
        lines.append([needed, *passed, user])
    left, right = _neighbours(lines)
    _untangle(columns, left, right)
    return Layout(columns, _heights(columns, left, right, heights, gap), lines)


def _without_circles(names: Sequence[str], needs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs without those that close a circle."""
    following: dict[str, list[str]] = {name: [] for name in names}
    for user, needed in needs:
        following[user].append(needed)
    done: set[str] = set()
    return [pair for start in names for pair in _walked(start, following, done)]


def _walked(start: str, following: Mapping[str, Sequence[str]], done: set[str]) -> Iterator[tuple[str, str]]:
    """The pairs along a walk from a box to all that it needs, but for those that lead back into the walk."""
    open_ = {} if start in done else {start: iter(following[start])}
    while open_:
        last = next(reversed(open_))
        needed = next(open_[last], "")
        if not needed:
            done.add(last)
            del open_[last]
        elif needed not in open_:
            yield last, needed
            if needed not in done:
                open_[needed] = iter(following[needed])


def _columns(names: Sequence[str], needs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of each box, counted from the right: next to the first box that needs it."""
    users: dict[str, list[str]] = {name: [] for name in names}
    waiting = dict.fromkeys(names, 0)
    needed_by: dict[str, list[str]] = {name: [] for name in names}
    for user, needed in needs:
        users[needed].append(user)
        needed_by[user].append(needed)
        waiting[needed] += 1
    from_right: dict[str, int] = {}
    ready = [name for name in names if not waiting[name]]
    while ready:
        name = ready.pop()
        from_right[name] = max((from_right[user] + 1 for user in users[name]), default=0)
        for needed in needed_by[name]:
            waiting[needed] -= 1
            if not waiting[needed]:
                ready.append(needed)
    last = max(from_right.values(), default=0)
    return {name: last - depth for name, depth in from_right.items()}


def _neighbours(lines: Sequence[Sequence[Spot]]) -> tuple[dict[Spot, list[Spot]], dict[Spot, list[Spot]]]:
    left: dict[Spot, list[Spot]] = {}
    right: dict[Spot, list[Spot]] = {}
    for line in lines:
        for one, other in pairwise(line):
            left.setdefault(other, []).append(one)
            right.setdefault(one, []).append(other)
    return left, right


def _untangle(columns: list[list[Spot]], left: Mapping[Spot, list[Spot]], right: Mapping[Spot, list[Spot]]) -> None:
    """Order each column by the mean place of the neighbours, to and fro; keep the order with the fewest crossings."""
    best, fewest = [list(column) for column in columns], _crossings(columns, right)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        beside = left if forward else right
        order = range(len(columns)) if forward else reversed(range(len(columns)))
        place = {spot: index / max(1, len(column)) for column in columns for index, spot in enumerate(column)}
        for at in order:
            wish = {spot: _mean([place[one] for one in beside.get(spot, ())], place[spot]) for spot in columns[at]}
            columns[at].sort(key=lambda spot, wish=wish: wish[spot])  # type: ignore[misc]
            place.update({spot: index / max(1, len(columns[at])) for index, spot in enumerate(columns[at])})
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    columns[:] = best


def _crossings(columns: Sequence[Sequence[Spot]], right: Mapping[Spot, Sequence[Spot]]) -> int:
    total = 0
    for column, following in pairwise(columns):
        place = {spot: index for index, spot in enumerate(following)}
        ends = [place[other] for spot in column for other in sorted(right.get(spot, ()), key=place.__getitem__)]
        total += sum(one > other for index, one in enumerate(ends) for other in ends[index + 1 :])
    return total


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _heights(
    columns: Sequence[Sequence[Spot]],
    left: Mapping[Spot, list[Spot]],
    right: Mapping[Spot, list[Spot]],
    heights: Mapping[str, float],
    gap: float,
) -> dict[Spot, float]:
    """The middle of each spot: as near to its neighbours as the order and the gaps allow."""
    size = {spot: heights[spot] if isinstance(spot, str) else gap / 2 for column in columns for spot in column}
    middle = {spot: float(index) * 2 * gap for column in columns for index, spot in enumerate(column)}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wishes = [
                _mean([middle[one] for one in (*left.get(spot, ()), *right.get(spot, ()))], middle[spot])
                for spot in column
            ]
            sizes = [size[spot] for spot in column]
            middle.update(zip(column, _apart(wishes, sizes, gap), strict=True))
    return middle


def _apart(wishes: Sequence[float], sizes: Sequence[float], gap: float) -> list[float]:
    """The heights nearest to the wishes, in their order and without overlap: wishes that collide share their mean."""
    offsets = [0.0]
    for one, other in pairwise(sizes):
        offsets.append(offsets[-1] + (one + other) / 2 + gap)
    blocks: list[tuple[float, int]] = []  # mean of what was wished for, and of how many
    for wish, offset in zip(wishes, offsets, strict=False):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    level = [mean for mean, count in blocks for _ in range(count)]
    return [base + offset for base, offset in zip(level, offsets, strict=False)]
