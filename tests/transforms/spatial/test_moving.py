from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transforms.spatial.by_scipy import OBLIQUE, OBLIQUE_2D, SHAPES, about_middle, blocks, smooth

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.ops.resample_axes import SNAP_VOXELS
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.center import CenterSpatialCrop
from bundlert.transforms.crop.pad_or_crop import ResizeWithPadOrCrop
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.affine import Affine
from bundlert.transforms.spatial.flip import Flip
from bundlert.transforms.spatial.invert import Invert
from bundlert.transforms.spatial.moving import Resampling, about_centre, one_per_axis
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.pad import BorderPad
from bundlert.transforms.spatial.resize import Resize
from bundlert.transforms.spatial.rotate import Rotate
from bundlert.transforms.spatial.rotate90 import Rotate90
from bundlert.transforms.spatial.spacing import Spacing
from bundlert.transforms.spatial.zoom import Zoom

SLOPE = np.array([0.3, -0.7, 0.45])
some = st.floats(-0.4, 0.4)


def steps(order):
    """Any spatial step that moves a grid, with any parameters; none pads."""
    keys, axes = st.just("image"), st.integers(0, order - 1)
    planes = st.permutations(range(order)).map(lambda chosen: tuple(chosen[:2]))
    sizes = st.lists(st.integers(3, 20), min_size=order, max_size=order)
    codes = ["RAS", "LPI", "PLS", "IRA"] if order == 3 else ["RA", "PL"]
    return st.one_of(
        st.builds(Flip, keys, axes),
        st.builds(Rotate90, keys, st.integers(-3, 3), planes),
        st.builds(Rotate, keys, some, keep_size=st.booleans()),
        st.builds(Zoom, keys, st.floats(0.6, 1.6), keep_size=st.booleans()),
        st.builds(Affine, keys, some, some, st.floats(-3, 3), st.floats(0.7, 1.4), padding_mode=st.just("border")),
        st.builds(Resize, keys, sizes),
        st.builds(Spacing, keys, st.floats(0.7, 2)),
        st.builds(Orientation, keys, st.sampled_from(codes)),
        st.builds(CenterSpatialCrop, keys, sizes),
    )


def pads(order):
    """Steps that pad."""
    sizes = st.lists(st.integers(3, 20), min_size=order, max_size=order)
    return st.one_of(
        st.builds(ResizeWithPadOrCrop, st.just("image"), sizes),
        st.builds(BorderPad, st.just("image"), st.integers(0, 3)),
    )


def ramp(order) -> Image:
    """An image whose voxels tell a number that grows evenly through the world: linear interpolation keeps it."""
    shape = SHAPES[order - 2]
    grid = Grid(shape, OBLIQUE_2D if order == 2 else OBLIQUE)
    return Image(torch.from_numpy(told(grid))[None], grid)


def world(grid) -> np.ndarray:
    indices = np.indices(grid.shape, dtype=float).reshape(len(grid.shape), -1)
    return grid.affine[:-1, :-1] @ indices + grid.affine[:-1, -1:]


def told(grid) -> np.ndarray:
    return (SLOPE[: len(grid.shape)] @ world(grid)).reshape(grid.shape)


@pytest.mark.parametrize("order", [2, 3])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_voxel_at_an_index_shows_the_world_point_of_the_grid(order, data):
    """Whatever steps led there, by one resampling, and on the grid to which they lead one by one."""
    image = ramp(order)
    chain = data.draw(st.lists(steps(order), min_size=1, max_size=4))
    lazy, eager = {"image": image}, {"image": image}
    for step in chain:
        lazy, eager = step(lazy), {"image": realize(step(eager)["image"])}
    assert lazy["image"].data is image.data
    assert lazy["image"].target.same_as(eager["image"].grid)
    result = realize(lazy["image"])
    inside = np.linalg.solve(image.grid.affine, np.vstack([world(result.grid), np.ones(result.data[0].numel())]))[:-1]
    sizes = np.array(image.shape).reshape(-1, 1) - 1
    seen = ((inside >= -1e-9) & (inside <= sizes + 1e-9)).all(axis=0)
    np.testing.assert_allclose(result.data[0].flatten()[seen], told(result.grid).flatten()[seen], atol=2 * SNAP_VOXELS)


@pytest.mark.parametrize("order", [2, 3])
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_way_back_leads_to_the_file_from_anywhere(order, data):
    image = ramp(order)
    chain = Compose(data.draw(st.lists(st.one_of(steps(order), pads(order)), min_size=1, max_size=4)))
    moved = chain({"image": image})["image"]
    back = Invert("image", "image")({"image": realize(moved)})["image"]
    assert back.target.same_as(image.grid)
    np.testing.assert_array_equal(back.affine, image.grid.affine)


def test_each_key_has_its_mode_and_padding_by_any_of_the_fields_names():
    found = Resampling(["a", "b", "c"], ["trilinear", "nearest", "linear"], ["edge", "constant", -1000.0])
    assert [found.options(key) for key in "abc"] == [
        {"mode": "bilinear", "padding": "border"},
        {"mode": "nearest", "padding": "zeros"},
        {"mode": "bilinear", "padding": -1000.0},
    ]
    assert Resampling("a", "bilinear", "symmetric").options("a")["padding"] == "reflection"
    assert Resampling("a", None, None).options("a") == {"mode": None, "padding": None}


@pytest.mark.parametrize(
    "step", [Spacing("a", 2, "trilinear"), Zoom("a", 2, mode="linear"), Invert("a", "b", "trilinear")]
)
def test_the_fields_names_of_linear_are_taken_everywhere(step):
    assert step.resampling.modes == {"a": "bilinear"}


def test_the_centre_stays_where_it_is():
    grid = smooth().grid
    turned = about_centre(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 2.0]]), grid, (5, 6, 7))
    middle, old = [2, 2.5, 3, 1], [6, 5.5, 5, 1]
    np.testing.assert_allclose(turned.affine @ middle, grid.affine @ old)
    np.testing.assert_allclose(
        turned.affine,
        grid.affine @ about_middle(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 2.0]]), (13, 12, 11), (5, 6, 7)),
    )


def test_an_image_and_its_label_stay_on_one_grid():
    sample = {"image": smooth(), "label": blocks()}
    keys = list(sample)
    chain = Compose(
        [Rotate(keys, 0.3, mode=["bilinear", "nearest"]), Flip(keys, 1), Zoom(keys, 1.2, mode=["bilinear", "nearest"])]
    )
    result = {key: realize(image) for key, image in chain(sample).items()}
    assert result["image"].grid.same_as(result["label"].grid)
    assert set(result["label"].data.unique().tolist()) <= {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Resampling("a", "cubic", None), "mode must be one of bilinear, nearest, got 'cubic'"),
        (
            lambda: Resampling("a", "nearest", "wrap"),
            "padding must be one of border, zeros, reflection or a value, got 'wrap'",
        ),
        (
            lambda: Resampling(["a", "b"], ["nearest"], None),
            r"mode must be one value or one per key \(a, b\), got \['nearest'\]",
        ),
        (lambda: Resampling([], None, None), "keys must name at least one entry of the sample"),
        (lambda: one_per_axis("pixdim", [1, 2], 3), r"pixdim must be one value or 3, got \(1, 2\)"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
