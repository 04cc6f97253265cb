"""Dice of masks against labels, by numpy alone: independent of everything in the package.

    python benchmarks/dice.py PREDICTIONS LABELS [--threshold 0.93]

PREDICTIONS is a folder of `<case>_seg.nii.gz`, LABELS a folder of `<case>.nii.gz`. NIfTI is read here from its
definition (348-byte header, little-endian), so that no reader is shared with what is measured. Exits with 1 when the
mean is below the threshold, or when a mask isn't on its label's grid.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from pathlib import Path

import numpy as np

TYPES = {2: np.uint8, 4: np.int16, 8: np.int32, 16: np.float32, 64: np.float64, 256: np.int8, 512: np.uint16}


def read(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Voxels and 3x4 sform matrix of a NIfTI-1 file."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    shape = np.frombuffer(content, "<i2", 8, 40)[1:4]
    kind = TYPES[int(np.frombuffer(content, "<i2", 1, 70)[0])]
    start = int(np.frombuffer(content, "<f4", 1, 108)[0])
    voxels = np.frombuffer(content, kind, int(np.prod(shape)), start).reshape(shape, order="F")
    slope, intercept = np.frombuffer(content, "<f4", 2, 112)
    scaled = voxels * slope + intercept if np.isfinite(slope) and slope not in (0, 1) else voxels
    return scaled, np.frombuffer(content, "<f4", 12, 280).reshape(3, 4)


def dice(mask: np.ndarray, label: np.ndarray) -> float:
    """Twice the overlap over the sum of both sizes."""
    mask, label = mask > 0.5, label > 0.5
    return float(2 * (mask & label).sum() / (mask.sum() + label.sum()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--threshold", type=float, default=0.0)
    asked = parser.parse_args()
    values = []
    for file in sorted(asked.predictions.glob("*_seg.nii.gz")):
        mask, place = read(file)
        label, truth_place = read(asked.labels / file.name.replace("_seg.nii.gz", ".nii.gz"))
        if mask.shape != label.shape or not np.array_equal(place, truth_place):
            print(f"{file.name}: not on the grid of its label")
            return 1
        values.append(dice(mask, label))
        print(f"{file.name.removesuffix('_seg.nii.gz'):<24} {values[-1]:.4f}")
    if not values:
        print(f"no *_seg.nii.gz in {asked.predictions}")
        return 1
    print(f"{'mean':<24} {np.mean(values):.4f}   lowest {min(values):.4f}, {len(values)} cases")
    return 0 if np.mean(values) >= asked.threshold else 1


if __name__ == "__main__":
    sys.exit(main())
