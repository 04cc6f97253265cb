import numpy as np
import pytest

from bundlert.data.phantom.shapes import column, ellipsoid, tube, waves


def at(*places):
    """Points of [X, Y, Z] fields, one a place in mm."""
    return tuple(np.array(axis, dtype=np.float32) for axis in zip(*places, strict=True))


def test_a_ball_tells_the_distance_to_its_surface():
    points = at((13, 0, 0), (10, 0, 0), (0, 4, 0), (1, 0, 10))
    found = ellipsoid(points, (0, 0, 0), (10, 10, 10))
    assert found == pytest.approx([3, 0, -6, np.hypot(1, 10) - 10], abs=1e-3)


def test_an_ellipsoid_ends_at_its_radii_and_turns_around_the_bodys_axis():
    ends = at((35, 20, 30), (5, 40, 30), (5, 20, 40))
    assert ellipsoid(ends, (5, 20, 30), (30, 20, 10)) == pytest.approx([0, 0, 0], abs=1e-4)
    turned = at((5, 50, 30), (25, 20, 30), (5, 20, 40))
    assert ellipsoid(turned, (5, 20, 30), (30, 20, 10), turned=90) == pytest.approx([0, 0, 0], abs=1e-3)


def test_a_column_has_no_ends():
    points = at((12, 0, -500), (12, 0, 500), (0, 6, 0))
    assert column(points, (0, 0), (10, 6)) == pytest.approx([2, 2, 0], abs=1e-4)


def test_a_tube_is_round_along_its_way_and_at_its_ends():
    points = at((5, 4, 0), (13, 0, 0), (13, 4, 0), (-3, 0, -4))
    assert tube(points, (0, 0, 0), (10, 0, 0), 2) == pytest.approx([2, 1, 3, 3], abs=1e-5)


def test_waves_are_as_large_as_asked_and_come_from_the_seed():
    axis = np.linspace(-4000, 4000, 41, dtype=np.float32)
    points = tuple(np.meshgrid(axis, axis, axis, indexing="ij"))
    one, same, other = (
        waves(points, np.random.default_rng(seed), amplitude=5, lengths=(100, 200)) for seed in (3, 3, 4)
    )
    assert one.std() == pytest.approx(5, rel=0.1)
    assert one.mean() == pytest.approx(0, abs=0.2)
    assert one.tobytes() == same.tobytes() != other.tobytes()


def test_waves_are_smooth():
    points = at(*((x, 0, 0) for x in range(400)))
    steps = np.diff(waves(points, np.random.default_rng(0), amplitude=5, lengths=(100, 200)))
    # Four sines of 5 / sqrt(2) mm, none steeper than 2 pi / 100 mm.
    assert np.abs(steps).max() < 4 * 5 / np.sqrt(2) * 2 * np.pi / 100
