from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from bundlert.data.dataset import Dataset
from bundlert.data.memory_cache import MemoryCache, cached_items
from bundlert.data.parcel import packed, unpacked
from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.base import RandomTransform, Transform
from bundlert.transforms.compose import Compose
from bundlert.transforms.intensity.scale_range import ScaleIntensityRange
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.spacing import Spacing


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
    item = items(1)[0]
    item["image"] = item["image"].with_data(item["image"].data + 0.5)  # else it would be kept in a byte
    cache = MemoryCache([item], Orientation("image"))
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


def test_how_many_are_kept_may_be_said_as_a_number():
    assert [cached_items(10, number, rate) for number, rate in [(None, 1), (3, 1), (30, 1), (3, 0.2), (0, 1)]] == [
        *(10, 3, 10, 2, 0)
    ]
    with pytest.raises(ValueError, match="cache_num must be >= 0, got -1"):
        cached_items(10, -1, 1)


@pytest.mark.parametrize("workers", [1, 3])
def test_all_can_be_prepared_when_it_is_made(workers):
    count = Count()
    cache = MemoryCache(items(4), count, cache_num=3, num_workers=workers)
    assert sorted(count.seen) == [0, 1, 2]
    assert cache.size_bytes == 3 * 8  # whole numbers, a byte each
    cache.fill(workers)
    assert len(count.seen) == 3


def test_a_failure_is_told_with_the_item():
    def broken(_sample, _rng=None):
        raise DataError("no")

    data = [{"image": "/a/b.nii", "name": "x"}]
    for make in (lambda: MemoryCache(data, broken, num_workers=1), lambda: MemoryCache(data, broken).sample(0, rng(0))):
        with pytest.raises(DataError, match=r"no\n  at: item 0 'x' \(/a/b\.nii\)"):
            make()


def test_a_spleen_chain_is_kept_in_less_than_half_of_floats():
    chance = torch.Generator().manual_seed(0)
    grid = Grid((20, 20, 10), np.diag([-1.0, 1, 2, 1]))
    hu = torch.randint(-1000, 1000, (1, 20, 20, 10), generator=chance).to(torch.int16)
    item = {"image": Image(hu, grid), "label": Image((hu > 900).to(torch.uint8), grid)}
    turned = MemoryCache([item], Orientation(["image", "label"]), num_workers=1)
    scale = ScaleIntensityRange("image", -57, 164, clip=True)
    spaced = Compose([Spacing(["image", "label"], 1.5, mode=["bilinear", "nearest"]), scale])
    rounded = MemoryCache([item], spaced, num_workers=1, dtype="float16")
    floats = 8 * hu.numel()  # image and label, 4 bytes each
    assert turned.size_bytes == 0.375 * floats
    (sample,) = rounded.sample(0, rng(0))
    assert rounded.size_bytes == 0.375 * 8 * sample["image"].data.numel()


def test_a_copy_in_memory_that_processes_share_gives_the_same():
    cache = MemoryCache(items(3), Compose([Orientation("image"), Shift("image")]))
    before = [cache.sample(index, rng(index))[0]["image"].data for index in range(3)]
    cache.share(2)
    copy = unpacked(packed(cache))
    for index in range(3):
        for one in (cache, copy):
            assert torch.equal(one.sample(index, rng(index))[0]["image"].data, before[index])
    places = [one._slots[0].kept[0].sample["image"].data.untyped_storage().data_ptr() for one in (cache, copy)]
    assert places[0] == places[1]
