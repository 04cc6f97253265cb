from itertools import count

import numpy as np
import pytest
import torch

from bundlert.data.iterable_dataset import IterableDataset, ShuffleBuffer
from bundlert.data.stream_loader import StreamLoader
from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image


def noise(sample, rng):
    data = torch.from_numpy(rng.random((1, 2, 2), dtype=np.float32))
    return {**sample, "image": Image(data, Grid((2, 2), np.eye(3)))}


def numbers():
    return ({"name": number} for number in count())


def served(loader, *arguments):
    return [[sample["name"] for sample in batch.samples] for batch in loader.batches(*arguments)]


def voxels(loader, *arguments):
    return [batch["image"].clone() for batch in loader.batches(*arguments)]


def test_an_epoch_is_so_many_batches_of_the_source():
    loader = StreamLoader(IterableDataset(numbers, noise), 2, epoch_length=3)
    assert len(loader) == 3
    assert served(loader) == [[0, 1], [2, 3], [4, 5]]
    short = StreamLoader(IterableDataset([{"name": number} for number in range(3)], noise), 2, epoch_length=3)
    assert served(short) == [[0, 1], [2]]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_epoch_is_the_same_again_and_from_its_middle(workers):
    options = {"batch_size": 3, "epoch_length": 5}
    whole = StreamLoader(ShuffleBuffer(numbers, noise, 8), **options)
    other = StreamLoader(ShuffleBuffer(numbers, noise, 8), num_workers=workers, **options)
    assert served(whole, 4) == served(other, 4) != served(other, 5)
    assert served(whole, 4)[2:] == served(other, 4, 2)
    assert all(torch.equal(one, two) for one, two in zip(voxels(whole, 4)[2:], voxels(other, 4, 2), strict=True))


def test_ranks_share_the_source():
    ranks = [
        StreamLoader(IterableDataset(numbers, noise), 2, epoch_length=2, rank=rank, world_size=2) for rank in range(2)
    ]
    assert [served(rank) for rank in ranks] == [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]


def test_a_sample_that_fails_ends_it_or_is_told():
    def fail(sample, rng):
        if sample["name"] == 2:
            raise DataError("no luck")
        return noise(sample, rng)

    loader = StreamLoader(IterableDataset(numbers, fail), 1, epoch_length=4)
    with pytest.raises(DataError, match="no luck"):
        served(loader)
    told = []
    assert [batch.samples[0]["name"] for batch in loader.batches(on_error=told.append)] == [0, 1, 3]
    assert len(told) == 1


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"epoch_length": 0}, {"prefetch": 0}, {"rank": 1}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        StreamLoader(IterableDataset(numbers), **{"epoch_length": 1, **wrong})
