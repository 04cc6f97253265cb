"""Which items of an epoch are whose, where several processes share the work."""

from __future__ import annotations

from collections.abc import Sequence


def shard_sizes(count: int, world_size: int, *, even: bool, drop_last: bool = False) -> list[int]:
    """How many of `count` items each process gets: see `shard`."""
    whole, rest = divmod(count, world_size)
    if even:
        return [whole + (1 if rest and not drop_last else 0)] * world_size
    return [whole + (1 if rank < rest else 0) for rank in range(world_size)]


def shard(order: Sequence[int], rank: int, world_size: int, *, even: bool, drop_last: bool = False) -> list[int]:
    """What process `rank` of `world_size` gets of an order that is the same in all of them: each `world_size`-th item.

    Args:
        order: The items of all processes.
        rank: Which process, from 0.
        world_size: How many there are.
        even: Whether all get equally many, as training needs: the first items are taken once more then. Else each item
            is in one shard alone, as evaluation needs, and the last shards may be one shorter.
        drop_last: Whether even shards leave out the last items instead.

    Raises:
        ValueError: No such rank.
    """
    check_rank(rank, world_size)
    size = shard_sizes(len(order), world_size, even=even, drop_last=drop_last)[rank]
    return [order[(rank + turn * world_size) % len(order)] for turn in range(size)]


def check_rank(rank: int, world_size: int) -> None:
    """Refuse a process that can't be.

    Raises:
        ValueError: No such rank.
    """
    if not 0 <= rank < world_size:
        raise ValueError(f"rank must be in 0..world_size - 1, got {rank} and {world_size}")
