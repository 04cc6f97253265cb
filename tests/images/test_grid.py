from __future__ import annotations

from itertools import permutations, product

import nibabel
import numpy as np
import pytest
from nibabel import orientations

from bundlert.images.grid import Grid

SHAPE = (4, 5, 6)
ORIENTATIONS = [
    "".join(pair[side] for pair, side in zip(pairs, sides, strict=True))
    for pairs in permutations(("LR", "PA", "IS"))
    for sides in product((0, 1), repeat=3)
]


def affine_of(axcodes: str, spacing=(0.8, 1.5, 3.0), origin=(-10.0, 20.0, 5.0)) -> np.ndarray:
    affine = orientations.inv_ornt_aff(
        orientations.ornt_transform(orientations.axcodes2ornt("RAS"), orientations.axcodes2ornt(tuple(axcodes))), SHAPE
    )
    affine[:3, :3] = np.linalg.inv(affine)[:3, :3] @ np.diag(spacing)
    affine[:3, 3] = origin
    return affine


def oblique() -> np.ndarray:
    """20 degrees about x, then 10 about z, voxels of 0.7, 0.9 and 4 mm."""
    a, b = np.deg2rad([20, 10])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_x @ np.diag([-0.7, 0.9, 4.0])
    affine[:3, 3] = [12.5, -7, 30]
    return affine


@pytest.mark.parametrize("axcodes", ORIENTATIONS)
def test_all_48_orientations_are_named_and_turned_as_nibabel_does(axcodes):
    voxels = np.random.default_rng(0).normal(size=SHAPE)
    image = nibabel.Nifti1Image(voxels, affine_of(axcodes))
    grid = Grid(image.shape, image.affine)
    assert tuple(grid.axcodes) == nibabel.aff2axcodes(image.affine)
    turned = nibabel.as_closest_canonical(image)
    assert grid.reoriented("RAS").shape == turned.shape
    np.testing.assert_allclose(grid.reoriented("RAS").affine, turned.affine, atol=1e-12)


def test_an_oblique_grid_turns_as_nibabel_does():
    image = nibabel.Nifti1Image(np.zeros(SHAPE), oblique())
    grid = Grid(SHAPE, oblique())
    assert grid.axcodes == "LAS"
    np.testing.assert_allclose(grid.reoriented("RAS").affine, nibabel.as_closest_canonical(image).affine, atol=1e-12)


@pytest.mark.parametrize("axcodes", ["LAS", "SRP", "AIL"])
def test_turning_there_and_back_is_the_same_grid(axcodes):
    grid = Grid(SHAPE, oblique())
    assert grid.reoriented(axcodes).axcodes == axcodes
    assert grid.reoriented(axcodes).reoriented(grid.axcodes).same_as(grid)


def test_spacing_is_the_length_of_the_columns_in_mm():
    assert Grid(SHAPE, oblique()).spacing == pytest.approx((0.7, 0.9, 4.0))


@pytest.mark.parametrize(
    ("count", "spacing", "pixdim", "expected"), [(100, 0.8, 1.5, 54), (55, 5.0, 1.5, 181), (64, 0.793, 1.5, 34)]
)
def test_the_new_size_follows_the_formula(count, spacing, pixdim, expected):
    grid = Grid((count, 1, 1), np.diag([spacing, 1, 1, 1])).spaced((pixdim, 1, 1))
    assert grid.shape == (expected, 1, 1)
    assert grid.spacing == pytest.approx((pixdim, 1, 1))


def test_spacing_keeps_the_first_voxel_centre_and_the_direction():
    grid = Grid(SHAPE, oblique())
    spaced = grid.spaced((1.5, 1.5, 2.0))
    np.testing.assert_array_equal(spaced.affine[:, 3], grid.affine[:, 3])
    assert spaced.spacing == pytest.approx((1.5, 1.5, 2.0))
    assert spaced.axcodes == grid.axcodes


def test_a_crop_begins_at_the_world_point_of_its_first_voxel():
    grid = Grid(SHAPE, oblique())
    crop = grid.cropped((1, -2, 3), (2, 9, 1))
    assert crop.shape == (2, 9, 1)
    np.testing.assert_allclose(crop.affine @ [0, 0, 0, 1], grid.affine @ [1, -2, 3, 1])
    np.testing.assert_allclose(crop.affine @ [1, 1, 1, 1], grid.affine @ [2, -1, 4, 1])


def test_a_flip_exchanges_the_ends_of_an_axis():
    grid = Grid(SHAPE, oblique())
    flipped = grid.flipped([0, 2])
    np.testing.assert_allclose(flipped.affine @ [0, 1, 0, 1], grid.affine @ [3, 1, 5, 1])


def test_matrix_to_leads_from_the_others_index_to_the_own():
    grid = Grid(SHAPE, oblique())
    other = grid.spaced(1.0).flipped([1])
    index = np.array([2, 1, 3, 1])
    np.testing.assert_allclose(grid.affine @ grid.matrix_to(other) @ index, other.affine @ index)


def test_same_as_forgives_rounding_only():
    grid = Grid(SHAPE, oblique())
    assert grid.same_as(Grid(SHAPE, oblique().astype(np.float32)))
    assert not grid.same_as(grid.cropped((0, 0, 1), SHAPE))
    assert not grid.same_as(grid.cropped((0, 0, 0), (4, 5, 5)))


def test_a_grid_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="read-only"):
        Grid(SHAPE, np.eye(4)).affine[0, 0] = 2


@pytest.mark.parametrize(
    ("affine", "message"),
    [
        (np.eye(3), r"affine must be 4 x 4 for a shape of 3 axes, got \(3, 3\)"),
        (np.diag([1, np.nan, 1, 1]), "affine has values that are not finite"),
        (np.diag([1, 0, 1, 1]), "affine is singular: two axes coincide or a voxel has no size"),
        (np.ones((4, 4)), "affine is singular: two axes coincide or a voxel has no size"),
    ],
)
def test_an_unusable_affine_is_refused(affine, message):
    with pytest.raises(ValueError, match=message):
        Grid(SHAPE, affine)


@pytest.mark.parametrize("axcodes", ["RA", "RRS", "RAX", "ras"])
def test_wrong_axcodes_are_refused(axcodes):
    with pytest.raises(ValueError, match=f"one letter of each pair L/R, P/A, I/S, got '{axcodes}'"):
        Grid(SHAPE, np.eye(4)).reoriented(axcodes)


@pytest.mark.parametrize("pixdim", [(1.0, 2.0), (1.0, 0.0, 1.0), -1.0])
def test_wrong_pixdim_is_refused(pixdim):
    with pytest.raises(ValueError, match="pixdim must be 3 values > 0, in mm"):
        Grid(SHAPE, np.eye(4)).spaced(pixdim)
