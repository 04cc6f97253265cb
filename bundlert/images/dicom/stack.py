"""Planes as one volume: sorted along their normal, on a RAS+ grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bundlert.errors import DataError
from bundlert.images.grid import Affine, Grid, affine_fault
from bundlert.text import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.images.dicom.planes import Plane

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_UNEVEN = 0.02
"""Distances of slices may differ by this part: scanners write places with one decimal."""
_ONE_PLACE_MM = 1e-3


def sorted_planes(planes: Sequence[Plane]) -> list[Plane]:
    """Planes from the first to the last along their normal."""
    normal = planes[0].normal
    return sorted(planes, key=lambda plane: float(normal @ plane.position))


def grid_of(place: Path, planes: Sequence[Plane]) -> Grid:
    """The RAS+ grid of sorted planes: X along the columns, Y along the rows, Z from plane to plane.

    Args:
        place: Where they were read, for messages.
        planes: At least one.

    Raises:
        DataError: They differ in size, spacing or direction, or one is missing or there twice.
    """
    first = planes[0]
    for plane in planes:
        numbers = (*plane.position, *plane.orientation, *plane.spacing)
        counts = (len(plane.position), len(plane.orientation), len(plane.spacing))
        if counts != (3, 6, 2) or not np.isfinite(numbers).all():
            raise DataError(f"the slices in '{place}' have no usable place", got=f"{plane.name}: {numbers}")
        turned = np.abs(np.subtract(plane.orientation, first.orientation)).max() > 1e-3
        if turned or plane.shape != first.shape or plane.spacing != first.spacing:
            raise DataError(
                f"the slices in '{place}' differ in size, spacing or direction",
                got=f"{plane.name}: {plane.shape}, {plane.spacing} mm, {plane.orientation}",
                expected=f"{first.name}: {first.shape}, {first.spacing} mm, {first.orientation}",
            )
    affine: Affine = np.eye(4)
    affine[:3, 0] = np.multiply(first.orientation[:3], first.spacing[1])
    affine[:3, 1] = np.multiply(first.orientation[3:], first.spacing[0])
    affine[:3, 2] = _step(place, planes)
    affine[:3, 3] = first.position
    if fault := affine_fault(affine):
        raise DataError(f"the series in '{place}' has no usable place: its affine {fault}", got=str(affine.tolist()))
    return Grid((first.shape[1], first.shape[0], len(planes)), _LPS_TO_RAS @ affine)


def _step(place: Path, planes: Sequence[Plane]) -> NDArray[np.float64]:
    """The way from one plane to the next, in LPS mm; it needn't stand on them (a tilted gantry)."""
    first = planes[0]
    if len(planes) == 1:
        return first.normal * first.thickness
    positions = np.array([plane.position for plane in planes])
    gaps = np.diff(positions @ first.normal)
    usual = float(np.median(gaps[gaps > _ONE_PLACE_MM])) if gaps.max() > _ONE_PLACE_MM else 0.0
    odd = [int(index) for index in np.flatnonzero(np.abs(gaps - usual) > _UNEVEN * usual)]
    if odd or not usual:
        places = [f"{gaps[i]:.2f} mm from {planes[i].name} to {planes[i + 1].name}" for i in odd]
        raise DataError(
            f"the slices in '{place}' are missing, doubled or unevenly spaced",
            got=listed(places, most=4) or "all in one place",
            expected=f"{usual:.2f} mm from each slice to the next",
            hint="copy the series again; one volume has each place once, at one time",
        )
    return np.asarray((positions[-1] - positions[0]) / (len(planes) - 1))
