import numpy as np
import pytest
from scipy import ndimage

from bundlert.data.phantom.render import draw_grid, render
from bundlert.images.grid import Grid


def drawn(case, seed=0):
    return draw_grid(case, np.random.default_rng([seed, case]))


def rendered(seed=0, spacing=5.0):
    """A coarse volume in RAS."""
    shape = (72, 56, 42)
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = np.array([0, 0, 100]) - spacing * (np.array(shape) - 1) / 2
    grid = Grid(shape, affine)
    return grid, *render(grid, np.random.default_rng(seed))


def tilt_of(grid):
    """The angle between each axis and the world axis next to it, in degrees."""
    cosines = np.abs(grid.affine[:3, :3] / grid.spacing).max(axis=0)
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


def test_grids_come_from_the_seed_and_the_number():
    assert np.array_equal(drawn(3).affine, drawn(3).affine)
    assert not np.array_equal(drawn(3).affine, drawn(3, seed=1).affine)


def test_spacing_size_and_orientation_vary_as_in_real_scans():
    grids = [drawn(case) for case in range(16)]
    for grid in grids:
        in_plane, same, between = sorted(grid.spacing)
        assert in_plane == pytest.approx(same)
        assert 1.7 <= in_plane <= 2.3
        assert 2.5 <= between <= 4.0
        lengths = sorted(size * mm for size, mm in zip(grid.shape, grid.spacing, strict=True))
        assert all(low < length < high for length, low, high in zip(lengths, (180, 270, 340), (230, 305, 380)))  # noqa: B905
    assert len({grid.shape for grid in grids}) == len({grid.spacing for grid in grids}) == 16
    assert {grid.axcodes for grid in grids} == {"LAS", "RAS", "LPS", "RPI", "LAI", "PSR", "SLA", "ASL"}


def test_every_fifth_grid_is_tilted_by_3_to_8_degrees():
    for case in range(15):
        largest = tilt_of(drawn(case)).max()
        assert 3 <= largest <= 8 if case % 5 == 4 else largest < 1e-3


def test_a_volume_comes_from_the_seed():
    one, same, other = (rendered(seed) for seed in (0, 0, 1))
    assert [array.tobytes() for array in one[1:]] == [array.tobytes() for array in same[1:]]
    assert one[1].tobytes() != other[1].tobytes()
    assert (one[1].dtype, one[2].dtype) == (np.int16, np.uint8)


def test_the_label_is_one_part_of_ones_on_the_left():
    grid, values, label = rendered(2)
    assert values.shape == label.shape == grid.shape
    assert np.array_equal(np.unique(label), [0, 1])
    assert ndimage.label(label)[1] == 1
    assert (np.argwhere(label) @ grid.affine[:3, :3].T + grid.affine[:3, 3])[:, 0].max() < 0


def test_tissues_have_their_hounsfield_units():
    _, values, label = rendered(1)
    assert np.median(values[:3, :, -3:]) == pytest.approx(-1000, abs=15)  # beside the patient
    counts, edges = np.histogram(values, bins=40, range=(-180, -20))
    assert edges[counts.argmax()] == pytest.approx(-100, abs=15)  # fat
    assert 40 < values[label == 1].mean() < 140
    assert values.max() > 250  # bone
    assert values.min() >= -1024


def test_other_organs_are_as_bright_as_the_spleen():
    _, values, label = rendered(3)
    low, high = np.percentile(values[label == 1], (10, 90))
    alike = (values >= low) & (values <= high)
    assert alike[label == 0].sum() > 3 * alike[label == 1].sum()


def test_a_voxel_at_an_edge_is_a_mixture_of_both_sides():
    _, values, _ = rendered()
    fronts = values[26:46, ::-1, 10:30]  # rays from the front to the back, through the belly
    first = np.take_along_axis(fronts, (fronts > -920).argmax(axis=1)[:, None], axis=1)
    # Where a ray meets the skin is chance: without partial volume no voxel would lie between air and fat.
    assert ((first > -920) & (first < -200)).mean() > 0.3
    assert len(np.unique(first // 100)) > 6
