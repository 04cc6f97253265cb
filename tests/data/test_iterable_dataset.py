from itertools import count, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from bundlert.data.iterable_dataset import IterableDataset, ShuffleBuffer
from bundlert.errors import DataError


class Drawn:
    """Adds what chance gives."""

    random = True

    def __call__(self, sample, rng=None):
        return {**sample, "drawn": int(rng.integers(1 << 30))}


def source(length):
    return [{"name": number} for number in range(length)]


def names(samples):
    return [sample["name"] for sample in samples]


def served(dataset, epoch=1, workers=0):
    dataset.set_epoch(epoch)
    return list(DataLoader(dataset, batch_size=None, num_workers=workers))


def test_samples_come_in_their_order_as_often_as_they_are_asked_for():
    dataset = IterableDataset(source(5), lambda sample, _: {**sample, "seen": True})
    for _ in range(2):
        assert list(dataset) == [{"name": number, "seen": True} for number in range(5)]


def test_a_function_gives_a_new_source_each_time_and_it_may_have_no_end():
    dataset = IterableDataset(lambda: ({"name": number} for number in count()))
    for _ in range(2):
        assert names(islice(dataset, 4)) == [0, 1, 2, 3]


def test_a_sample_may_become_several():
    dataset = IterableDataset(source(2), lambda sample, _: [sample, {**sample, "again": True}])
    assert names(dataset) == [0, 0, 1, 1]


def test_chance_is_that_of_seed_epoch_and_number_alone():
    dataset = IterableDataset(source(6), Drawn(), seed=3)
    first, second = served(dataset, 1), served(dataset, 2)
    for number, sample in enumerate(first):
        assert sample["drawn"] == np.random.default_rng([3, 1, number]).integers(1 << 30)
    assert [one["drawn"] for one in first] != [one["drawn"] for one in second]
    by_number = lambda samples: sorted(samples, key=lambda one: one["name"])  # noqa: E731
    assert by_number(served(ShuffleBuffer(source(6), Drawn(), 3, seed=3), 1)) == first
    assert by_number(served(dataset, 1, workers=2)) == first


@given(st.integers(0, 40), st.integers(1, 50), st.integers(1, 5), st.integers(0, 3))
def test_parts_have_each_item_once_and_none_comes_before_its_time(length, buffer_size, parts, epoch):
    dataset = ShuffleBuffer(source(length), buffer_size=buffer_size)
    found = [[number for number, _ in dataset.items(epoch, part, parts)] for part in range(parts)]
    assert [sorted(part) for part in found] == [list(range(length))[part::parts] for part in range(parts)]
    for part in found:
        assert all(place + buffer_size > number // parts for place, number in enumerate(part))
    assert found == [[number for number, _ in dataset.items(epoch, part, parts)] for part in range(parts)]


def test_another_epoch_and_another_seed_have_another_order():
    orders = [
        tuple(names(served(ShuffleBuffer(source(50), None, 16, seed), epoch))) for seed in (0, 1) for epoch in (1, 2)
    ]
    assert len(set(orders)) == 4
    assert all(sorted(order) == list(range(50)) for order in orders)


def test_a_large_buffer_gives_all_orders_alike():
    firsts = [names(ShuffleBuffer(source(4), seed=seed))[0] for seed in range(400)]
    assert all(70 < firsts.count(number) < 130 for number in range(4))


def test_a_buffer_of_one_keeps_the_order():
    assert names(ShuffleBuffer(source(9), buffer_size=1)) == list(range(9))
    with pytest.raises(ValueError, match="buffer_size must be >= 1, got 0"):
        ShuffleBuffer(source(9), buffer_size=0)


def test_an_error_tells_the_item():
    def fail(sample, rng):
        raise DataError("no luck")

    with pytest.raises(DataError, match="item 1 'case'"):
        list(IterableDataset([{"name": "case"}] * 2, fail).transformed(1, 1, {"name": "case"}))
