import pytest

from bundlert.data.partition import partition_dataset

FIVE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"ratios": [0.6, 0.2, 0.2]}, [[1, 2, 3], [4], [5]]),
        ({"ratios": [3, 1, 1]}, [[1, 2, 3], [4], [5]]),
        ({"ratios": [1, 1], "num_partitions": 5}, [[1, 2, 3], [4, 5]]),
        ({"ratios": [1, 0, 1]}, [[1, 2, 3], [], [4, 5]]),
        ({"ratios": [1, 2]}, [[1, 2], [3, 4, 5]]),
        ({"num_partitions": 2}, [[1, 3, 5], [2, 4]]),
        ({"num_partitions": 1}, [FIVE]),
        ({"num_partitions": 2, "even_divisible": True}, [[1, 3, 5], [2, 4, 1]]),
        ({"num_partitions": 3, "even_divisible": True}, [[1, 4], [2, 5], [3, 1]]),
        ({"num_partitions": 5, "even_divisible": True}, [[1], [2], [3], [4], [5]]),
        ({"num_partitions": 2, "even_divisible": True, "drop_last": True}, [[1, 3], [2, 4]]),
        ({"num_partitions": 3, "even_divisible": True, "drop_last": True}, [[1], [2], [3]]),
    ],
)
def test_items_are_dealt_out(options, parts):
    assert partition_dataset(FIVE, **options) == parts


def test_what_rounding_leaves_over_is_in_no_list():
    parts = partition_dataset(list(range(4)), ratios=[1, 1, 1])  # 4/3 rounded is 1
    assert parts == [[0], [1], [2]]


def test_mixed_items_are_the_same_for_a_seed_and_all_there():
    one, again, other = (partition_dataset(FIVE, num_partitions=2, shuffle=True, seed=seed) for seed in (3, 3, 4))
    assert one == again != other
    assert sorted(one[0] + one[1]) == FIVE
    assert one != partition_dataset(FIVE, num_partitions=2)


def test_the_order_is_that_of_published_splits():
    # what numpy.random.RandomState(0).permutation(5) has given on every machine since 2006
    assert partition_dataset(list(range(5)), num_partitions=1, shuffle=True, seed=0) == [[2, 0, 1, 3, 4]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "num_partitions must be >= 1 where there are no ratios, got None"),
        ({"num_partitions": -1}, "num_partitions must be >= 1 where there are no ratios, got -1"),
        ({"num_partitions": 6}, "num_partitions must be at most the 5 items of data, got 6"),
        ({"num_partitions": 2, "drop_last": True}, "drop_last must go with even_divisible, got even_divisible=False"),
        ({"ratios": [1, -1]}, r"ratios must be >= 0 and not all 0, got \[1, -1\]"),
        ({"ratios": [0, 0]}, r"ratios must be >= 0 and not all 0, got \[0, 0\]"),
    ],
)
def test_what_cannot_be_dealt_out_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        partition_dataset(FIVE, **options)
