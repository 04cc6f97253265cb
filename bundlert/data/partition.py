"""Items in several lists: for training and validation, or one list a process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def partition_dataset(
    data: Sequence[Any],
    ratios: Sequence[float] | None = None,
    num_partitions: int | None = None,
    *,
    shuffle: bool = False,
    seed: int = 0,
    drop_last: bool = False,
    even_divisible: bool = False,
) -> list[list[Any]]:
    """The items as several lists: by `ratios` in a row, or dealt out in turn to `num_partitions` lists.

    By ratios, a list's length is its share rounded to the nearest; what rounding leaves over is in no list.

    Args:
        data: The items.
        ratios: A weight for each list, [8, 2] or [0.8, 0.2]; `num_partitions` counts for nothing then.
        num_partitions: How many lists.
        shuffle: Whether the items are mixed first.
        seed: Decides how they are mixed.
        drop_last: Whether lists are made even by leaving out the last items, rather than by taking the first again.
        even_divisible: Whether all lists are equally long.

    Raises:
        ValueError: Neither ratios nor a number of lists, fewer items than lists, or `drop_last` of uneven ones.
    """
    items = _mixed(data, seed) if shuffle else list(data)
    if ratios:
        return _by_ratios(items, ratios)
    if not num_partitions or num_partitions < 1:
        raise ValueError(f"num_partitions must be >= 1 where there are no ratios, got {num_partitions}")
    if len(items) < num_partitions:
        raise ValueError(f"num_partitions must be at most the {len(items)} items of data, got {num_partitions}")
    if drop_last and not even_divisible:
        raise ValueError(f"drop_last must go with even_divisible, got even_divisible={even_divisible}")
    if even_divisible:
        items = _evened(items, num_partitions, drop_last=drop_last)
    return [items[start::num_partitions] for start in range(num_partitions)]


def _mixed(data: Sequence[Any], seed: int) -> list[Any]:
    order = list(range(len(data)))
    np.random.RandomState(seed).shuffle(order)  # the order that published splits were made with
    return [data[index] for index in order]


def _by_ratios(items: list[Any], ratios: Sequence[float]) -> list[list[Any]]:
    if not all(math.isfinite(ratio) and ratio >= 0 for ratio in ratios) or sum(ratios) == 0:
        raise ValueError(f"ratios must be >= 0 and not all 0, got {list(ratios)}")
    parts, start = [], 0
    for ratio in ratios:
        end = min(start + int(ratio / sum(ratios) * len(items) + 0.5), len(items))
        parts.append(items[start:end])
        start = end
    return parts


def _evened(items: list[Any], parts: int, *, drop_last: bool) -> list[Any]:
    whole, rest = divmod(len(items), parts)
    if drop_last:
        return items[: whole * parts]
    return items + items[: parts - rest] if rest else items
