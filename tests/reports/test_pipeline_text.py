import re

from bundlert.reports.pipeline import plan_of
from bundlert.reports.pipeline_text import plan_lines
from bundlert.reports.pipeline_trace import Measured, Seen, Trace
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.random_spatial import RandSpatialCrop
from bundlert.transforms.identity import Identity
from bundlert.transforms.intensity.scale import ScaleIntensity
from bundlert.transforms.spatial.affine import Affine
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.spacing import Spacing

KEYS = ("image", "label")
SPACING = Spacing(KEYS, 2, ["bilinear", "nearest"])
CHAIN = Compose([Identity(KEYS), Orientation(KEYS), SPACING, ScaleIntensity("image"), RandSpatialCrop(KEYS, 4)])


def test_brackets_hold_what_is_done_at_once():
    plan = plan_of(CHAIN, arguments={id(SPACING): {"pixdim": 2}})
    assert list(plan_lines(plan)) == [
        "      image  label  step",
        "   1  ·      ·      Identity",
        "   2  ┌      ┌      Orientation",
        "   3  ├      ├      Spacing(pixdim=2)",
        "      └      │      image: steps 2, 3 are done here: resampled once (bilinear), "
        "since ScaleIntensity reads its voxels",
        "   4  ●      │      ScaleIntensity",
        "      ──────────────from here on by chance: a cache keeps what is before",
        "   5  ┌      ├      RandSpatialCrop  by chance",
        "      │      └      label: steps 2, 3, 5 are done here: resampled once (nearest), since the batch needs it",
        "      └             image: step 5 is done here: voxels moved, none interpolated, since the batch needs it",
    ]


def test_images_to_which_the_same_happens_share_a_line():
    (_, _, line) = plan_lines(plan_of(Compose([Orientation(KEYS)])))
    assert line.startswith("      └      └      image, label: step 1 is done here")


def test_a_padding_that_may_come_between_is_told():
    chain = Compose([Affine("image", 0.5, padding_mode="zeros"), Spacing("image", 2)])
    line = list(plan_lines(plan_of(chain)))[-1]
    assert line.endswith("; before step 2 too, should the steps before it reach outside the image: it pads otherwise")


def test_what_was_measured_stands_below_its_step():
    plan = plan_of(Compose([RandSpatialCrop("image", 4)]))
    seen = Seen((4, 4, 3), 2, (1.0, 1.0, 2.5), "RAS", "int16", 3200, pending=True, resampled=False)
    done = seen._replace(pending=False, resampled=True, size_bytes=96)
    measured = Trace([Measured(1.25, 2, {"image": seen})], Measured(2.0, 1, {}), Measured(0.5, 2, {"image": done}))
    lines = [re.sub(" +", " ", line).strip() for line in plan_lines(plan, measured)]
    assert lines[1:] == [
        "───────from here on by chance: a cache keeps what is before 2.0 ms",
        "1 ┌ RandSpatialCrop by chance 1.2 ms, 2 samples",
        "│ image: 2 channels of 4 x 4 x 3, 1 x 1 x 2.5 mm, RAS, int16, 3.2 kB, waits",
        "└ image: step 1 is done here: voxels moved, none interpolated, since the batch needs it",
        "for the batch 0.5 ms, 2 samples",
        "image: 2 channels of 4 x 4 x 3, 1 x 1 x 2.5 mm, RAS, int16, 96 B, resampled",
        "all 3.8 ms",
    ]


def test_long_values_are_cut():
    chain = Compose([Identity("image")])
    plan = plan_of(chain, arguments={id(chain.transforms[0]): {"names": list(range(100)), "sigma": 0.5}})
    line = list(plan_lines(plan))[1]
    assert len(line) <= 100
    assert line.endswith("..., sigma=0.5)")
