"""The organs of an upper abdomen: where they lie, in which order they are painted, and how bright they are.

Places are mm in a patient who lies straight: x to the patient's right (so that the spleen is at x < 0), y to the front,
z to the head; the origin is in the middle of the body, at the lower end of the kidneys.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from bundlert.data.phantom.shapes import Field, Points, column, ellipsoid, tube

AIR, LUNG, FAT, SKIN, MUSCLE, GAS, FLUID, BONE = -1000, -800, -100, 20, 58, -900, 10, 320
_GAP = 3.5  # mm of fat between the spleen and what presses on it
SPLEEN = "spleen"


class Patient:
    """What differs from patient to patient: sizes, places and HU, all drawn at once.

    Args:
        rng: Decides.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.fat = rng.uniform(8, 24)
        self.size = rng.uniform(0.82, 1.12)
        contrast = rng.uniform(0, 1)  # of the contrast agent: none to portal-venous
        spleen = 52 + 75 * contrast
        self.hu = {
            SPLEEN: spleen,
            "liver": spleen + rng.normal(-3, 9),
            "kidney": spleen + rng.normal(12 * contrast, 9),
            "vessel": spleen + rng.normal(15 * contrast, 8),
            "pancreas": spleen + rng.normal(-8 * contrast, 8),
            "stomach": rng.uniform(FLUID, spleen),
        }
        # One neighbour has exactly the spleen's brightness, so that no threshold can tell them apart.
        self.hu[str(rng.choice(["liver", "kidney", "stomach"]))] = spleen

    def shift(self, spread: float = 5.0) -> NDArray[np.float64]:
        """A random displacement of an organ, in mm."""
        return self.rng.normal(0, spread, size=3)


def organs(points: Points, patient: Patient) -> Iterator[tuple[str, Field, float]]:
    """Name, shape and HU of everything, from the skin inwards; what comes later covers what came before."""
    cavity = yield from _trunk(points, patient)
    yield "lung", _lungs(points, cavity), LUNG
    yield from _skeleton(points, cavity)
    yield from _vessels(points, patient)
    yield from _bowel(points, patient, cavity)
    yield "liver", np.maximum(_liver(points, patient), cavity + 2), patient.hu["liver"]
    yield "gall bladder", ellipsoid(points, np.add((62, 42, 88), patient.shift(4)), (13, 13, 24)), FLUID
    left, right = (_kidney(points, patient, side) for side in (-1, 1))
    for kidney in (left, right):
        yield "kidney", kidney, patient.hu["kidney"]
        yield "medulla", kidney + 11, patient.hu["kidney"] - 25
    tail = np.add((-62, 2, 112), patient.shift(3))
    yield "pancreas", tube(points, (25, 12, 100), tail, 11), patient.hu["pancreas"]
    stomach = ellipsoid(points, np.add((-52, 38, 146), patient.shift(5)), (46, 36, 50), turned=20)
    yield "stomach", stomach, MUSCLE - 8
    yield "stomach content", stomach + 4, patient.hu["stomach"]
    yield "stomach gas", np.maximum(stomach + 4, np.float32(50) - points[1]), GAS
    pressed = np.minimum(np.minimum(left, stomach), tube(points, (25, 12, 100), tail, 11))
    yield SPLEEN, _spleen(points, patient, cavity, pressed), patient.hu[SPLEEN]


def _trunk(points: Points, patient: Patient) -> Generator[tuple[str, Field, float], None, Field]:
    """Skin, fat, the muscle wall and the fat inside it; returns the shape of the inside."""
    x, y, _ = points
    power = np.float32(2.6)
    ratio = (np.abs(x / np.float32(165)) ** power + np.abs(y / np.float32(118)) ** power) ** (1 / power)
    body: Field = (ratio - 1) * np.float32(130)
    table: Field = np.abs(y + np.float32(131) - (x / 60) ** 2 * np.float32(0.8)) - 3
    yield "table", table, -250
    yield "skin", body, SKIN
    yield "fat", body + 2, FAT
    wall: Field = body + np.float32(patient.fat)
    yield "muscle", wall, MUSCLE
    cavity: Field = wall + 13
    yield "visceral fat", cavity, FAT
    return cavity


def _lungs(points: Points, cavity: Field) -> Field:
    left, right = (ellipsoid(points, (side * 72, -8, 238), (64, 82, 78)) for side in (-1, 1))
    shape: Field = np.maximum(np.minimum(left, right), cavity + 1)
    return shape


def _skeleton(points: Points, cavity: Field) -> Iterator[tuple[str, Field, float]]:
    _, y, z = points
    for side in (-1, 1):
        yield "back muscle", column(points, (side * 36, -84), (26, 19)), MUSCLE + 4
    yield "psoas", np.minimum(*(column(points, (side * 34, -56), (15, 15)) for side in (-1, 1))), MUSCLE + 2
    spine = column(points, (0, -58), (21, 17))
    yield "vertebra", spine, BONE
    yield "marrow", spine + 3, 170
    disc = np.abs(np.mod(z, 34) - 17) - 3
    yield "disc", np.maximum(spine, disc), 80
    yield "arch", np.abs(column(points, (0, -84), (12, 10))) - 3, BONE
    yield "canal", column(points, (0, -84), (9, 7)), 25
    rib = np.abs(np.mod(z - y * np.float32(0.35), 27) - np.float32(13.5)) - 5
    upper = np.float32(45) - z
    yield "rib", np.maximum(np.maximum(np.abs(cavity - 4) - 4, rib), upper), BONE
    yield "rib marrow", np.maximum(np.maximum(np.abs(cavity - 4) - 2, rib + 2), upper), 140


def _vessels(points: Points, patient: Patient) -> Iterator[tuple[str, Field, float]]:
    yield "aorta", column(points, np.add((-13, -30), patient.shift(2)[:2]), (11, 11)), patient.hu["vessel"]
    yield "vena cava", column(points, np.add((24, -28), patient.shift(2)[:2]), (13, 10)), patient.hu["vessel"] - 5
    yield "portal vein", tube(points, (50, 5, 128), (8, 10, 100), 7), patient.hu["vessel"]


def _bowel(points: Points, patient: Patient, cavity: Field) -> Iterator[tuple[str, Field, float]]:
    rng = patient.rng
    for _ in range(16):
        start = rng.uniform((-95, 5, -15), (95, 72, 78))
        radius = rng.uniform(13, 20)
        loop = np.maximum(tube(points, start, start + rng.normal(0, 32, size=3) + 1, radius), cavity + 2)
        yield "bowel", loop, MUSCLE - 15
        content = GAS if rng.random() < 0.35 else rng.uniform(FLUID, patient.hu[SPLEEN])
        yield "bowel content", loop + 3, content


def _liver(points: Points, patient: Patient) -> Field:
    move = patient.shift(5)
    right = ellipsoid(points, np.add((72, 8, 132), move), (74, 84, 72))
    left = ellipsoid(points, np.add((8, 52, 142), move), (58, 34, 42))
    shape: Field = np.minimum(right, left)
    return shape


def _kidney(points: Points, patient: Patient, side: int) -> Field:
    place = np.add((side * 68, -56, 74 if side > 0 else 84), patient.shift(4))
    size = patient.rng.uniform(0.9, 1.1)
    return ellipsoid(points, place, (27 * size, 24 * size, 52 * size), turned=side * -25)


def _spleen(points: Points, patient: Patient, cavity: Field, pressed: Field) -> Field:
    """A bean at the back of the left side, with the impressions of stomach, kidney and pancreas."""
    place = np.add((-102, -34, 138), patient.shift(5))
    radii = np.multiply((31, 52, 52), patient.size) * patient.rng.uniform(0.93, 1.07, size=3)
    bean = ellipsoid(points, place, radii, turned=patient.rng.uniform(-35, -15))
    shape: Field = np.maximum(np.maximum(bean, cavity + 3), np.float32(_GAP) - pressed)
    return shape
