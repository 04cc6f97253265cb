from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from bundlert.data.dataset import Dataset
from bundlert.data.memory_cache import MemoryCache
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.base import RandomTransform, Transform
from bundlert.transforms.compose import Compose
from bundlert.transforms.spatial.orientation import Orientation


class Count(Transform):
    """Notes how often it was used."""

    def __init__(self):
        super().__init__("image")
        self.seen = []

    def apply(self, image):
        self.seen.append(int(image.data[0, 0, 0, 0]))
        return image


class Shift(RandomTransform):
    def draw(self, _sample, rng):
        return {"by": float(rng.random())}

    def apply(self, sample, params):
        return {"image": sample["image"].with_data(sample["image"].data + params["by"])}


def items(count):
    grid = Grid((2, 2, 2), np.diag([-1.0, 1, 1, 1]))
    return [{"image": Image(torch.full((1, 2, 2, 2), float(number)), grid)} for number in range(count)]


def rng(*key):
    return np.random.default_rng(key)


def test_what_does_not_depend_on_chance_is_done_once():
    count = Count()
    cache = MemoryCache(items(3), Compose([count, Shift("image")]))
    assert count.seen == []  # nothing before it is asked for
    for epoch in range(3):
        for index in range(3):
            cache.sample(index, rng(epoch, index))
    assert sorted(count.seen) == [0, 1, 2]


def test_chance_is_the_same_with_and_without_a_cache():
    steps = Compose([Orientation("image"), Shift("image")])
    plain, cached = Dataset(items(2), steps), MemoryCache(items(2), steps)
    for epoch in range(2):
        (ours,), (theirs,) = (data.sample(1, rng(epoch, 1)) for data in (cached, plain))
        assert torch.equal(ours["image"].data, theirs["image"].data)


def test_kept_images_are_resampled_already():
    cache = MemoryCache(items(1), Orientation("image"))
    (first,), (second,) = cache.sample(0, rng(0)), cache.sample(0, rng(0))
    assert first["image"].wanted is None
    assert first["image"] is second["image"]


def test_an_item_is_prepared_once_however_many_threads_ask():
    count = Count()
    cache = MemoryCache(items(2), count)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: cache.sample(number % 2, rng(number)), range(64)))
    assert sorted(count.seen) == [0, 1]


def test_only_a_share_may_be_kept():
    count = Count()
    cache = MemoryCache(items(4), count, cache_rate=0.5)
    for _ in range(2):
        for index in range(4):
            cache.sample(index, rng(0))
    assert sorted(count.seen) == [0, 1, 2, 2, 3, 3]
    with pytest.raises(ValueError, match=r"cache_rate must be in 0\.\.1, got 2"):
        MemoryCache(items(1), count, cache_rate=2)
