import pytest
import torch
from data.toy import Brighter, Noise, items, rng

from bundlert.data.device_cache import DeviceCache
from bundlert.data.loader import Loader
from bundlert.data.memory_cache import MemoryCache
from bundlert.data.parcel import packed
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel

KEYS = ["image", "label"]
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def chain():
    return Compose([Brighter(), RandCropByPosNegLabel(KEYS, "label", (3, 3, 2), num_samples=2), Noise()])


def test_on_the_cpu_it_is_a_memory_cache():
    ours, theirs = DeviceCache(items(3), chain(), "cpu"), MemoryCache(items(3), chain())
    for index in range(3):
        for one, other in zip(ours.sample(index, rng(index)), theirs.sample(index, rng(index)), strict=True):
            assert torch.equal(one["image"].data, other["image"].data)
    assert ours.size_bytes == theirs.size_bytes
    packed(ours)


def test_what_is_kept_is_moved_and_nothing_else():
    cache = DeviceCache(items(2), Compose([Brighter(), Noise()]), "meta", num_workers=1)
    (kept,) = cache.prepare(0)
    assert {kept.sample[key].data.device.type for key in KEYS} == {"meta"}
    with pytest.raises(TypeError, match="what lies on meta can't leave its process"):
        packed(cache)
    with pytest.raises(TypeError, match="what lies on meta can't leave its process"):
        cache.share()


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_a_device_that_isnt_there_is_told_at_once():
    with pytest.raises(ValueError, match="device must be one of this machine, got 'cuda:0'"):
        DeviceCache(items(1), chain(), "cuda:0")
    assert DeviceCache(items(1), chain()).device.type == "cpu"


@gpu
def test_on_a_gpu_crops_are_cut_there_and_batches_stay_there():
    loader = Loader(DeviceCache(items(4), chain(), "cuda", num_workers=2), 2, shuffle=True)
    plain = Loader(MemoryCache(items(4), chain()), 2, shuffle=True)
    for ours, theirs in zip(loader.batches(3), plain.batches(3), strict=True):
        assert ours["image"].is_cuda
        torch.testing.assert_close(ours["image"].cpu(), theirs["image"])
        assert torch.equal(ours["label"].cpu(), theirs["label"])
