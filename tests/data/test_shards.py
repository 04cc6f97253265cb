import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.shards import check_rank, shard, shard_sizes

FIVE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"even": False}, [[1, 3, 5], [2, 4]]),
        ({"even": True}, [[1, 3, 5], [2, 4, 1]]),
        ({"even": True, "drop_last": True}, [[1, 3], [2, 4]]),
    ],
)
def test_each_process_has_its_share(options, expected):
    assert [shard(FIVE, rank, 2, **options) for rank in range(2)] == expected


@given(count=st.integers(0, 40), world=st.integers(1, 9), even=st.booleans(), drop=st.booleans())
def test_nothing_is_lost_and_only_even_shards_have_something_twice(count, world, even, drop):
    order = list(range(count))
    shards = [shard(order, rank, world, even=even, drop_last=drop) for rank in range(world)]
    sizes = [len(one) for one in shards]
    assert sizes == shard_sizes(count, world, even=even, drop_last=drop)
    everything = sorted(item for one in shards for item in one)
    if not even:
        assert everything == order
        assert max(sizes) - min(sizes) <= 1
    else:
        assert len(set(sizes)) == 1
        assert sum(sizes) == (count // world if drop else -(-count // world)) * world
        assert set(everything) == set(order[: count // world * world] if drop else order)
        assert all(len(set(one)) == len(one) for one in shards) or count < world


@pytest.mark.parametrize(("rank", "world"), [(-1, 2), (2, 2), (0, 0)])
def test_a_rank_that_cant_be_is_told(rank, world):
    with pytest.raises(ValueError, match=f"rank must be in 0..world_size - 1, got {rank} and {world}"):
        check_rank(rank, world)
    with pytest.raises(ValueError, match="rank must be"):
        shard(FIVE, rank, world, even=True)
