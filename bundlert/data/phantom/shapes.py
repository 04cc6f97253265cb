"""Solid shapes as functions of a point: mm to the surface, negative inside (about right near the surface)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Field: TypeAlias = NDArray[np.float32]
Points: TypeAlias = tuple[Field, Field, Field]
Vector: TypeAlias = Sequence[float] | NDArray[np.float64]


def ellipsoid(points: Points, centre: Vector, radii: Vector, *, turned: float = 0.0) -> Field:
    """An ellipsoid, turned by so many degrees around the body's axis."""
    x, y, z = (axis - np.float32(middle) for axis, middle in zip(points, centre, strict=True))
    if turned:
        cosine, sine = np.float32(np.cos(np.radians(turned))), np.float32(np.sin(np.radians(turned)))
        x, y = cosine * x + sine * y, cosine * y - sine * x
    a, b, c = (np.float32(1 / radius) for radius in radii)
    near = np.sqrt((x * a) ** 2 + (y * b) ** 2 + (z * c) ** 2)
    far = np.sqrt((x * a * a) ** 2 + (y * b * b) ** 2 + (z * c * c) ** 2) + np.float32(1e-6)
    distance: Field = near * (near - 1) / far
    return distance


def column(points: Points, centre: Vector, radii: Vector) -> Field:
    """An elliptic cylinder along the body's axis."""
    x, y, _ = points
    a, b = (np.float32(1 / radius) for radius in radii)
    x, y = x - np.float32(centre[0]), y - np.float32(centre[1])
    near = np.sqrt((x * a) ** 2 + (y * b) ** 2)
    far = np.sqrt((x * a * a) ** 2 + (y * b * b) ** 2) + np.float32(1e-6)
    distance: Field = near * (near - 1) / far
    return distance


def tube(points: Points, start: Vector, end: Vector, radius: float) -> Field:
    """A round tube from one point to another, with round ends."""
    along = np.subtract(end, start).astype(np.float32)
    offset = [axis - np.float32(first) for axis, first in zip(points, start, strict=True)]
    place = sum(part * step for part, step in zip(offset, along, strict=True)) / np.float32(along @ along)
    place = np.clip(place, 0, 1)
    squares = [(part - place * step) ** 2 for part, step in zip(offset, along, strict=True)]
    distance: Field = np.sqrt(sum(squares)) - np.float32(radius)
    return distance


def waves(points: Points, rng: np.random.Generator, *, amplitude: float, lengths: tuple[float, float]) -> Field:
    """A smooth random field of a few mm, made of plane waves: deforms whatever is evaluated at shifted points.

    Args:
        points: Where to evaluate it, in mm.
        rng: Decides directions, lengths and phases.
        amplitude: Typical size of the field, in mm.
        lengths: Shortest and longest wave, in mm.
    """
    total = np.zeros_like(points[0])
    count = 4
    for _ in range(count):
        direction = rng.normal(size=3)
        vector = direction / np.linalg.norm(direction) * (2 * np.pi / rng.uniform(*lengths))
        phase = sum(axis * np.float32(part) for axis, part in zip(points, vector, strict=True))
        total += np.sin(phase + np.float32(rng.uniform(0, 2 * np.pi)))
    scaled: Field = total * np.float32(amplitude * np.sqrt(2 / count))
    return scaled
