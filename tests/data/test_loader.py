import threading

import numpy as np
import pytest
import torch

from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image

GRID = Grid((2, 2), np.eye(3))


def image(value):
    return Image(torch.full((1, 2, 2), float(value)), GRID)


def make(count=7, transform=None, **options):
    samples = [{"image": image(number), "name": number} for number in range(count)]
    return Loader(Dataset(samples, transform), **options)


def names(batches):
    return [[sample["name"] for sample in batch.samples] for batch in batches]


def noisy(sample, rng):
    return {**sample, "image": image(sample["name"] + rng.random())}


def values(loader, epoch):
    return [batch["image"].flatten().tolist() for batch in loader.batches(epoch)]


def test_batches_come_in_order():
    loader = make(batch_size=3)
    assert names(loader.batches()) == [[0, 1, 2], [3, 4, 5], [6]]
    assert len(loader) == 3
    assert names(make(batch_size=3, drop_last=True).batches()) == [[0, 1, 2], [3, 4, 5]]


def test_each_epoch_has_an_order_of_its_own_with_everything_once():
    loader = make(batch_size=3, shuffle=True, seed=5)
    orders = [[name for batch in names(loader.batches(epoch)) for name in batch] for epoch in (1, 2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(7))


@pytest.mark.parametrize("workers", [2, 5])
@pytest.mark.parametrize("prefetch", [1, 4])
def test_threads_change_neither_order_nor_chance(workers, prefetch):
    options = {"transform": noisy, "batch_size": 2, "shuffle": True, "seed": 3}
    assert values(make(**options, num_workers=workers, prefetch=prefetch), 4) == values(
        make(**options, num_workers=1), 4
    )


def test_an_epoch_can_begin_in_the_middle_without_preparing_what_was():
    seen = []
    loader = make(transform=lambda sample, _rng: seen.append(sample["name"]) or sample, batch_size=2, num_workers=1)
    assert names(loader.batches(1, start=2)) == [[4, 5], [6]]
    assert seen == [4, 5, 6]


def test_chance_after_a_start_in_the_middle_is_the_same():
    loader = make(transform=noisy, batch_size=2, shuffle=True)
    whole = values(loader, 2)
    assert [batch["image"].flatten().tolist() for batch in loader.batches(2, start=2)] == whole[2:]


def test_several_samples_of_an_item_are_side_by_side():
    loader = make(3, transform=lambda sample, _rng: [sample, sample], batch_size=2)
    assert [len(batch) for batch in loader.batches()] == [4, 2]


def broken(sample, _rng):
    if sample["name"] == 3:
        raise DataError("case 3 is damaged")
    return sample


def test_a_damaged_sample_stops_the_epoch():
    with pytest.raises(DataError, match="case 3 is damaged"):
        list(make(transform=broken).batches())


def test_a_damaged_sample_is_left_out_where_somebody_takes_the_error():
    errors = []
    assert names(make(transform=broken).batches(on_error=errors.append)) == [[0], [1], [2], [4], [5], [6]]
    assert [error.what for error in errors] == ["case 3 is damaged"]


def test_leaving_early_leaves_no_thread():
    batches = make(50).batches()
    next(batches)
    batches.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("loader")]


def test_numbers_below_one_are_told():
    with pytest.raises(ValueError, match="batch_size, num_workers and prefetch must be >= 1, got 0, 2 and 2"):
        make(batch_size=0)
