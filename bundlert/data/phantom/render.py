"""One CT volume of a made-up patient, and the label of the spleen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bundlert.data.phantom.anatomy import AIR, SPLEEN, Patient, organs
from bundlert.data.phantom.shapes import Field, Points, waves
from bundlert.images.grid import Grid

# Axial scans as they come: patients on their back or front, feet or head first, and some reformatted.
_CODES = ("LAS", "RAS", "LPS", "RPI", "LAI", "PSR", "SLA", "ASL")
_OBLIQUE_EVERY = 5


def draw_grid(case: int, rng: np.random.Generator) -> Grid:
    """The voxels of a scan: size, spacing, orientation; every fifth is tilted by 3 to 8 degrees."""
    in_plane, between = rng.uniform(1.7, 2.3), rng.uniform(2.5, 4.0)
    height = rng.uniform(185, 225)
    shape = (round(rng.uniform(345, 375) / in_plane), round(rng.uniform(275, 300) / in_plane), round(height / between))
    affine = np.diag([in_plane, in_plane, between, 1.0])
    if case % _OBLIQUE_EVERY == _OBLIQUE_EVERY - 1:
        affine[:3, :3] = _tilt(rng) @ affine[:3, :3]
    middle = np.array([rng.normal(0, 6), rng.normal(0, 4), rng.uniform(92, 108)])
    affine[:3, 3] = middle - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape, affine).reoriented(_CODES[case % len(_CODES)])


def render(grid: Grid, rng: np.random.Generator) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """HU and the spleen's label on a grid, [X, Y, Z] both.

    An organ's edge is as wide as a voxel, so that a voxel on it is a mixture of both sides, as in a scanner.
    """
    from scipy import ndimage  # noqa: PLC0415 (0.2 s that only who renders should pay)

    world = _world(grid)
    points = tuple(axis + _deformed(world, rng) for axis in world)
    edge = np.float32(np.mean(grid.spacing))
    values = np.full(grid.shape, AIR, dtype=np.float32)
    inside = np.zeros(grid.shape, dtype=np.float32)
    for name, shape, hu in organs((points[0], points[1], points[2]), Patient(rng)):
        share = np.clip(np.float32(0.5) - shape / edge, 0, 1)
        values += share * (np.float32(hu) - values)
        if name == SPLEEN:
            inside = share
    texture = rng.standard_normal(grid.shape, dtype=np.float32)
    smooth = ndimage.gaussian_filter(rng.standard_normal(grid.shape, dtype=np.float32), 1.5)
    noisy = values + np.float32(rng.uniform(7, 14)) * texture + np.float32(rng.uniform(50, 100)) * smooth
    noisy += waves(world, rng, amplitude=4, lengths=(150, 400))
    return np.clip(np.rint(noisy), -1024, 3071).astype(np.int16), _largest_part(inside > np.float32(0.5))


def _deformed(world: Points, rng: np.random.Generator) -> Field:
    """Large slow waves for the build of the body, small quick ones for the outline of organs, in mm."""
    slow = waves(world, rng, amplitude=5, lengths=(110, 260))
    return slow + waves(world, rng, amplitude=1.8, lengths=(45, 90))


def _world(grid: Grid) -> Points:
    """The place of each voxel in mm, one array an axis."""
    indices = [np.arange(size, dtype=np.float32) for size in grid.shape]
    axes: list[Field] = []
    for row in grid.affine[:3]:
        step = [np.float32(part) * index for part, index in zip(row[:3], indices, strict=True)]
        axes.append(step[0][:, None, None] + step[1][None, :, None] + step[2][None, None, :] + np.float32(row[3]))
    return axes[0], axes[1], axes[2]


def _largest_part(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    from scipy import ndimage  # noqa: PLC0415

    parts, count = ndimage.label(mask)
    if count > 1:
        mask = parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
    return mask.astype(np.uint8)


def _tilt(rng: np.random.Generator) -> NDArray[np.float64]:
    """A rotation by 3 to 8 degrees around an axis in the axial plane."""
    angle, direction = np.radians(rng.uniform(3, 8)), rng.uniform(0, 2 * np.pi)
    axis = np.array([np.cos(direction), np.sin(direction), 0.0])
    cross = np.cross(np.eye(3), axis)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
