import pytest
import torch
from data.toy import Brighter, Noise, items, rng

from bundlert.data.stages import Stages
from bundlert.transforms.base import RandomTransform
from bundlert.transforms.compose import Compose, as_list
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.crop.random_spatial import RandSpatialCropSamples
from bundlert.transforms.intensity.random_scale import RandScaleIntensity
from bundlert.transforms.lazy import realized
from bundlert.transforms.spatial.flip import RandFlip
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.rotate import RandRotate

KEYS = ["image", "label"]
CHAINS = {
    "crop first": [
        RandCropByPosNegLabel(KEYS, "label", (3, 3, 2), num_samples=2, image_key="image"),
        RandScaleIntensity("image", 0.5, prob=0.5),
        Noise(),
    ],
    "crop larger than the image, then turned": [
        RandCropByPosNegLabel(KEYS, "label", (8, 3, 2), num_samples=2),
        RandRotate("image", range_x=0.5, prob=1),
    ],
    "boxes": [RandSpatialCropSamples(KEYS, (3, 3, 2), 3), Noise()],
    "crop later": [RandFlip(KEYS, prob=0.5), RandCropByPosNegLabel(KEYS, "label", (3, 3, 2))],
    "no crop": [Noise()],
    "no chance": [],
}


def whole_numbers(sample):
    """HU, and a label as some programs write it."""
    image = sample["image"].with_data((sample["image"].data * 100).round())
    return {**sample, "image": image, "label": sample["label"].with_data(sample["label"].data.double())}


@pytest.mark.parametrize("make", [lambda sample: sample, whole_numbers], ids=["floats", "whole numbers"])
@pytest.mark.parametrize("steps", CHAINS.values(), ids=CHAINS)
def test_what_comes_out_is_what_the_chain_gives_bit_by_bit(steps, make):
    chain = Compose([Orientation(KEYS, "RAS"), Brighter(), *steps])
    stages, item = Stages(chain), make(items(1)[0])
    kept = stages.prepared(item)
    for seed in range(5):
        ours, theirs = (
            [realized(sample) for sample in found]
            for found in (stages.finished(kept, rng(seed)), as_list(chain(item, rng(seed))))
        )
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            for key in KEYS:
                assert torch.equal(one[key].data, other[key].data)
                assert one[key].data.dtype == other[key].data.dtype
                assert one[key].grid.same_as(other[key].grid)


def test_whole_numbers_are_kept_in_few_bytes():
    (kept,) = Stages(Brighter()).prepared(whole_numbers(items(1)[0]))
    assert kept.size_bytes == 120 * (2 + 1)
    (kept,) = Stages(Brighter()).prepared(items(1)[0])
    assert kept.size_bytes == 120 * (4 + 1)


def test_a_crop_is_cut_before_it_is_widened():
    seen = []

    class Look(RandomTransform):
        def draw(self, _sample, _rng):
            return {}

        def apply(self, sample, _params):
            seen.append((tuple(sample["image"].data.shape), sample["image"].data.dtype))
            return sample

    stages = Stages(Compose([RandSpatialCropSamples(KEYS, 2, 2), Look("image")]), "float16")
    kept = stages.prepared(items(1)[0])
    stages.finished(kept, rng(0))
    assert kept[0].sample["image"].data.dtype == torch.float16
    assert seen == [((1, 2, 2, 2), torch.float32)] * 2


def test_a_step_that_only_looks_like_a_crop_gets_widened_images():
    class Own(RandSpatialCropSamples):
        def apply(self, sample, params):
            assert sample["image"].data.dtype == torch.float32
            return super().apply(sample, params)

    stages = Stages(Own(KEYS, 2, 2), "float16")
    assert len(stages.finished(stages.prepared(items(1)[0]), rng(0))) == 2


def test_rounded_values_are_near():
    item = {"image": items(1)[0]["image"].with_data(torch.rand(1, 6, 5, 4)), "label": items(1)[0]["label"]}
    stages = Stages(Brighter(0), "float16")
    (found,) = stages.finished(stages.prepared(item), rng(0))
    assert found["image"].data.dtype == torch.float32
    assert (found["image"].data - item["image"].data).abs().max() <= 0.00025


@pytest.mark.parametrize("dtype", ["float32", "int16", "halb"])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(ValueError, match=f"dtype must be float16, bfloat16 or None, got '{dtype}'"):
        Stages(Brighter(), dtype)
