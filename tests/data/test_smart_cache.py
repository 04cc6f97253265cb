import gc
import math
import threading
from collections import Counter
from itertools import chain as joined
from itertools import pairwise

import pytest
import torch
from data.toy import Brighter, Noise, Noted, items, names, rng
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.data.parcel import packed
from bundlert.data.smart_cache import SmartCache
from bundlert.errors import DataError
from bundlert.transforms.compose import Compose


def epochs(cache, count):
    return ["".join(str(item + 1) for item in cache.members(epoch)) for epoch in range(1, count + 1)]


def ended(cache):
    """Wait for what is prepared ahead."""
    for thread in cache._ahead._threads:
        thread.join(10)


@pytest.mark.parametrize(
    ("total", "count", "rate", "expected"),
    [
        (5, 4, 0.25, ["1234", "2345", "3451", "4512", "5123", "1234"]),  # the published example
        (5, 4, 1.0, ["1234", "2345", "3451"]),  # no more than the one that isn't there
        (6, 3, 1.0, ["123", "456", "234", "561"]),  # after a round one further
        (4, 2, 0.01, ["12", "23", "34", "41"]),
        (3, 3, 0.5, ["123", "123", "123"]),
    ],
)
def test_the_items_of_each_epoch(total, count, rate, expected):
    cache = SmartCache(items(total), Brighter(), rate, count, shuffle=False)
    assert epochs(cache, len(expected)) == expected


@given(total=st.integers(1, 30), share=st.floats(0.05, 1), rate=st.floats(0.05, 1), seed=st.integers(0, 5))
def test_every_item_is_seen_equally_often(total, share, rate, seed):
    count = max(int(total * share), 1)
    cache = SmartCache([{}] * total, Brighter(), rate, count, seed=seed)
    windows = [cache.members(epoch) for epoch in range(1, total + 1)]
    assert all(len(set(window)) == count for window in windows)
    seen = Counter(item for window in windows for item in window)
    assert set(seen.values()) == ({total} if count == total else {count})
    replaced = min(math.ceil(count * rate), total - count)
    for one, following in pairwise(windows):
        assert replaced - 1 <= len(set(following) - set(one)) <= replaced + 1


def test_the_mix_is_one_of_the_seed():
    one, again, other = (SmartCache(items(9), Brighter(), 0.5, 3, seed=seed) for seed in (1, 1, 2))
    assert epochs(one, 3) == epochs(again, 3) != epochs(other, 3)


def test_each_item_is_prepared_once_for_as_long_as_it_stays(tmp_path):
    noted = Noted(tmp_path / "seen")
    cache = SmartCache(items(8), Compose([noted, Noise()]), 0.5, 4, shuffle=False)
    loader = Loader(cache, 2)
    for epoch, expected in ((1, [0, 1, 2, 3]), (2, [2, 3, 4, 5]), (3, [4, 5, 6, 7]), (4, [6, 7, 0, 1])):
        found = list(joined.from_iterable(names(loader.batches(epoch))))
        assert found == [f"case {number}" for number in expected]
        ended(cache)
    assert Counter(noted.seen()) == {f"case {number}": 2 if number < 4 else 1 for number in range(8)}


def test_what_comes_next_is_prepared_in_the_background(tmp_path):
    noted = Noted(tmp_path / "seen")
    cache = SmartCache(items(6), noted, 0.5, 4, shuffle=False, num_replace_workers=2)
    cache.set_epoch(1)
    ended(cache)
    assert sorted(noted.seen()) == ["case 4", "case 5"]
    assert cache.size_bytes == 2 * 120 * 5
    cache.set_epoch(2)
    cache.sample(3, rng(0))
    assert noted.seen().count("case 5") == 1


def test_all_of_the_first_epoch_can_be_prepared_at_once(tmp_path):
    noted = Noted(tmp_path / "seen")
    SmartCache(items(6), noted, 0.5, 4, shuffle=False, num_init_workers=2)
    assert sorted(noted.seen()) == [f"case {number}" for number in range(4)]


def test_memory_is_given_back(tmp_path):
    cache = SmartCache(items(12), Brighter(), 0.5, 4)
    loader = Loader(cache)
    for epoch in range(1, 8):
        list(loader.batches(epoch))
        ended(cache)
        assert cache.size_bytes <= (4 + 2 + 1) * 120 * 5


def values(loader, epoch, start=0):
    return [batch["image"] for batch in loader.batches(epoch, start)]


def test_an_epoch_is_the_same_after_a_resume_in_its_middle():
    def make():
        return Loader(SmartCache(items(7), Compose([Brighter(), Noise()]), 0.4, 5, seed=3), 2, shuffle=True, seed=4)

    whole = make()
    for epoch in range(1, 4):
        last = values(whole, epoch)
    resumed = values(make(), 3, start=1)
    assert len(resumed) == len(last) - 1 == 2
    assert all(torch.equal(one, other) for one, other in zip(resumed, last[1:], strict=True))


def test_the_samples_are_those_of_a_dataset_of_these_items():
    chain = Compose([Brighter(), Noise()])
    cache = SmartCache(items(5), chain, 0.5, 3, seed=1)
    cache.set_epoch(4)
    plain = Dataset([items(5)[item] for item in cache.members(4)], chain)
    for index in range(3):
        (one,), (other,) = cache.sample(index, rng(index)), plain.sample(index, rng(index))
        assert torch.equal(one["image"].data, other["image"].data)
        assert one["name"] == other["name"]


def test_an_item_that_fails_is_told_when_it_is_asked_for():
    def broken(sample, _rng=None):
        if sample["name"] == "case 2":
            raise DataError("no")
        return sample

    cache = SmartCache(items(3), broken, 1.0, 2, shuffle=False)
    cache.set_epoch(1)
    ended(cache)
    cache.set_epoch(2)
    cache.sample(0, rng(0))
    with pytest.raises(DataError, match="no\n  at: item 2 'case 2'"):
        cache.sample(1, rng(0))


def test_a_forgotten_one_leaves_no_thread(tmp_path):
    noted = Noted(tmp_path / "seen", sleep_s=0.05)
    cache = SmartCache(items(40), noted, 1.0, 20)
    cache.set_epoch(1)
    del cache
    gc.collect()
    assert not [thread for thread in threading.enumerate() if thread.name == "smart-cache"]
    assert len(noted.seen()) < 20  # it stops after the item that it is at


def test_it_stays_in_its_process():
    with pytest.raises(TypeError, match="a SmartCache of 2 items can't leave its process"):
        packed(SmartCache(items(2), Brighter(), 0.5, 1))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"replace_rate": 0.0}, "2 of 2, 0.0 and 1"),
        ({"replace_rate": 1.5}, "2 of 2, 1.5 and 1"),
        ({"replace_rate": 0.5, "cache_num": 0}, "0 of 2, 0.5 and 1"),
        ({"replace_rate": 0.5, "num_replace_workers": 0}, "2 of 2, 0.5 and 0"),
    ],
)
def test_wrong_numbers_are_told(options, found):
    with pytest.raises(ValueError, match=f"must be >= 1, replace_rate above 0 and <= 1, got {found}"):
        SmartCache(items(2), Brighter(), **options)
