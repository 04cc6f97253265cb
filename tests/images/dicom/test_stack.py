from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bundlert.errors import DataError
from bundlert.images.dicom.planes import Plane
from bundlert.images.dicom.stack import grid_of, sorted_planes

PLACE = Path("here")


def plane(z, **changes):
    made = Plane(
        file=Path(f"{z}.dcm"),
        frame=0,
        series="1.2",
        description="",
        shape=(3, 4),
        position=(10.0, 20.0, z),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        spacing=(0.7, 0.9),
        thickness=5.0,
        slope=1.0,
        inter=0.0,
    )
    return replace(made, **changes)


def test_planes_are_sorted_along_their_normal():
    assert [one.position[2] for one in sorted_planes([plane(2.0), plane(-1.0), plane(0.5)])] == [-1, 0.5, 2]
    feet_first = [plane(z, orientation=(1.0, 0.0, 0.0, 0.0, -1.0, 0.0)) for z in (0.0, 2.0, 1.0)]
    assert [one.position[2] for one in sorted_planes(feet_first)] == [2, 1, 0]


def test_an_oblique_series_lies_as_its_directions_say():
    row, column = np.array([0.8, 0.6, 0]), np.array([-0.36, 0.48, 0.8])
    normal = np.cross(row, column)
    planes = [
        plane(0.0, position=tuple(step * normal), orientation=(*row, *column), spacing=(2.0, 1.5)) for step in (0, 3, 6)
    ]
    affine = grid_of(PLACE, planes).affine
    lps = np.diag([-1, -1, 1]) @ affine[:3, :3]
    np.testing.assert_allclose(lps, np.column_stack([1.5 * row, 2 * column, 3 * normal]), atol=1e-12)


def test_rounded_places_are_forgiven():
    assert grid_of(PLACE, [plane(0.0), plane(12.5), plane(24.9), plane(37.4)]).spacing[2] == pytest.approx(37.4 / 3)


FAULTS = {
    "a gap": ([plane(0.0), plane(1.0), plane(3.0), plane(4.0)], "got: 2.00 mm from 1.0.dcm to 3.0.dcm"),
    "twice": ([plane(0.0), plane(1.0), plane(1.0), plane(2.0)], "got: 0.00 mm from 1.0.dcm to 1.0.dcm"),
    "one place": ([plane(1.0), plane(1.0)], "all in one place"),
    "another size": ([plane(0.0), plane(1.0, shape=(5, 4))], r"differ in size, .*\n  got: 1.0.dcm: \(5, 4\)"),
    "turned": ([plane(0.0), plane(1.0, orientation=(0.0, 1.0, 0.0, 1.0, 0.0, 0.0))], "differ in size, .*direction"),
    "no spacing": ([plane(0.0, spacing=(0.0, 0.9))], "has no usable place: its affine is singular"),
    "nan": ([plane(float("nan"))], r"have no usable place\n  got: nan.dcm: \(10.0, 20.0, nan, 1.0"),
    "two numbers": ([plane(0.0, position=(1.0, 2.0))], r"have no usable place\n  got: 0.0.dcm: \(1.0, 2.0, 1.0, 0.0"),
}


@pytest.mark.parametrize(("planes", "message"), FAULTS.values(), ids=FAULTS)
def test_planes_that_are_no_volume_are_refused(planes, message):
    with pytest.raises(DataError, match=message):
        grid_of(PLACE, planes)
