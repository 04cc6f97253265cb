import numpy as np
import pytest
import torch

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.reports.pipeline import Fusion, plan_of
from bundlert.reports.pipeline_trace import trace
from bundlert.transforms.compose import Compose
from bundlert.transforms.copy_items import CopyItems
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.crop.random_spatial import RandSpatialCrop
from bundlert.transforms.intensity.mask import MaskIntensity
from bundlert.transforms.intensity.scale import ScaleIntensity
from bundlert.transforms.spatial.affine import Affine, RandAffine
from bundlert.transforms.spatial.bending import RandElastic
from bundlert.transforms.spatial.flip import Flip, RandFlip
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.pad import SpatialPad
from bundlert.transforms.spatial.spacing import Spacing

KEYS = ("image", "label")
MODES = ("bilinear", "nearest")
CHAIN = Compose(
    [
        Orientation(KEYS),
        Spacing(KEYS, 1.5, MODES),
        RandSpatialCrop(KEYS, 12),
        RandAffine(KEYS, 1.0, rotate_range=0.3, mode=MODES, padding_mode="border"),
        RandFlip(KEYS, 1.0),
        RandSpatialCrop(KEYS, 8),
    ]
)


def sample():
    chance = torch.Generator().manual_seed(0)
    grid = Grid((20, 18, 16), np.diag([-1, 1, 2, 1.0]))
    voxels = torch.rand(1, *grid.shape, generator=chance)
    return {"image": Image(voxels, grid), "label": Image((voxels > 0.7).to(torch.uint8), grid)}


def whole(*fusions):
    return [(one.key, one.steps, one.mode, one.before) for one in fusions]


def test_a_chain_of_moves_is_one_resampling_of_each_image():
    plan = plan_of(CHAIN)
    assert whole(*plan.fusions) == [
        ("image", (1, 2, 3, 4, 5, 6), "bilinear", 7),
        ("label", (1, 2, 3, 4, 5, 6), "nearest", 7),
    ]
    assert {one.why for one in plan.fusions} == {"the batch needs it"}
    assert plan.cache_stops == 3
    assert [step.random for step in plan.steps] == [False, False, True, True, True, True]


def test_a_cache_ends_what_is_before_chance():
    plan = plan_of(CHAIN, cached=True)
    assert whole(*plan.fusions[:2]) == [("image", (1, 2), "bilinear", 3), ("label", (1, 2), "nearest", 3)]
    assert whole(*plan.fusions[2:]) == [("image", (3, 4, 5, 6), "bilinear", 7), ("label", (3, 4, 5, 6), "nearest", 7)]


def test_steps_that_move_whole_voxels_interpolate_nothing():
    plan = plan_of(Compose([Orientation("image"), Flip("image"), RandSpatialCrop("image", 4)]))
    assert plan.fusions == [Fusion("image", (1, 2, 3), None, 4, "the batch needs it", ())]


def test_who_reads_voxels_ends_what_waits_for_these_only():
    chain = Compose([Spacing(KEYS, 2, MODES), ScaleIntensity("image"), CropForeground(KEYS, "image")])
    fusions = plan_of(chain).fusions
    assert fusions[0] == Fusion("image", (1,), "bilinear", 2, "ScaleIntensity reads its voxels", ())
    assert sorted(whole(*fusions[1:])) == [("image", (3,), None, 4), ("label", (1, 3), "nearest", 4)]


def test_what_is_only_looked_at_is_done_again_later():
    chain = Compose([Spacing(KEYS, 2, "nearest"), MaskIntensity("image", "label")])
    assert whole(*plan_of(chain).fusions) == [
        ("image", (1,), "nearest", 2),
        ("label", (1,), "nearest", 2),
        ("label", (1,), "nearest", 3),
    ]


def test_another_interpolation_or_a_second_bend_cannot_be_one_with_the_first():
    chain = Compose([Spacing("image", 2, "bilinear"), Flip("image"), Affine("image", 0.1, mode="nearest")])
    first, second = plan_of(chain).fusions
    assert (first.steps, first.before, first.why) == ((1, 2), 3, "Affine wants nearest")
    assert (second.steps, second.mode) == ((3,), "nearest")
    bends = [RandElastic("image", (2, 3), (1, 2)) for _ in range(2)]
    first, second = plan_of(Compose(bends)).fusions
    assert (first.steps, first.why, second.steps) == ((1,), "RandElastic bends again", (2,))


def test_another_padding_is_told_as_a_condition():
    chain = Compose([Affine("image", 0.5, padding_mode="zeros"), Spacing("image", 2), SpatialPad("image", 40)])
    (fusion,) = plan_of(chain).fusions
    assert (fusion.steps, fusion.unless_inside) == ((1, 2, 3), (2, 3))


def test_a_copy_waits_as_its_original_does():
    fusions = plan_of(Compose([Spacing("image", 2), CopyItems("image", names=["twin"]), Flip("twin")])).fusions
    assert sorted(whole(*fusions)) == [("image", (1,), "bilinear", 4), ("twin", (1, 3), "bilinear", 4)]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(
    "steps",
    [
        CHAIN.transforms,
        [Spacing(KEYS, 2, MODES), ScaleIntensity("image"), CropForeground(KEYS, "image", 0.5), RandFlip(KEYS, 1.0)],
        [Orientation(KEYS, "LPI"), Spacing(KEYS, 1.2, MODES), Affine(KEYS, (0.2, 0, 0), mode="nearest")],
        [
            RandElastic(KEYS, (2, 3), (1, 2), prob=1.0, mode=MODES),
            Flip(KEYS),
            RandElastic(KEYS, (2, 3), (1, 2), prob=1.0),
        ],
    ],
)
def test_the_plan_is_what_happens(steps, cached):
    chain = Compose(steps)
    plan = plan_of(chain, cached=cached)
    seen = trace(chain, sample(), cache_stops=plan.cache_stops if cached else None)
    places = [*enumerate([*seen.steps, seen.end], start=1), *([(plan.cache_stops, seen.cache)] if seen.cache else [])]
    done = {(key, number) for number, one in places for key, image in one.images.items() if image.resampled}
    assert done == {(one.key, one.before) for one in plan.fusions if one.mode}


def test_arguments_are_told_where_they_are_known():
    flip = Flip("image", 1)
    (step,) = plan_of(Compose([flip]), arguments={id(flip): {"keys": "image", "spatial_axis": 1}}).steps
    assert (step.keys, step.arguments) == (("image",), {"spatial_axis": 1})
