"""How far a threshold gets on the phantoms: the best window of HU, chosen on the training cases.

    python benchmarks/phantom_threshold.py FOLDER [--held-out 4]

FOLDER is a phantom data set (`bundlert run bundles/spleen_fast train` prints where it is). Searches every window
[low, high] of HU on the training cases, applies the best to the held-out ones, alone and with everything but the
largest connected part removed; and gives what even the best window of each case, chosen with its label, reaches.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from dice import dice, read
from scipy import ndimage

EDGES = np.arange(-100, 260, 5)


def curves(image: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Voxels below each edge, in all and in the label; and the label's size."""
    inside = np.sort(image[label > 0])
    return np.searchsorted(np.sort(image.ravel()), EDGES), np.searchsorted(inside, EDGES), len(inside)


def window_dice(everything: np.ndarray, inside: np.ndarray, size: int) -> np.ndarray:
    """Dice of each window [low, high): rows are low edges, columns high edges."""
    taken = everything[None, :] - everything[:, None]
    overlap = inside[None, :] - inside[:, None]
    return np.where(taken > 0, 2 * overlap / np.maximum(taken + size, 1), 0.0)


def largest_part(mask: np.ndarray) -> np.ndarray:
    parts, count = ndimage.label(mask)
    return parts == 1 + np.argmax(np.bincount(parts.ravel())[1:]) if count else mask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--held-out", type=int, default=4)
    asked = parser.parse_args()
    files = sorted((asked.folder / "imagesTr").glob("*.nii.gz"))
    cases = [(read(file)[0], read(asked.folder / "labelsTr" / file.name)[0]) for file in files]
    tables = [window_dice(*curves(image, label)) for image, label in cases]
    split = len(cases) - asked.held_out
    low, high = (EDGES[index] for index in np.unravel_index(np.argmax(sum(tables[:split])), tables[0].shape))
    masks = [(image >= low) & (image < high) for image, _ in cases[split:]]
    labels = [label for _, label in cases[split:]]
    print(f"best window of {split} training cases: {low}..{high} HU")
    print(f"on {len(masks)} held-out cases, mean Dice:")
    print(
        f"  that window                       {np.mean([dice(m, t) for m, t in zip(masks, labels, strict=True)]):.3f}"
    )
    parts = [largest_part(mask) for mask in masks]
    print(
        f"  its largest connected part        {np.mean([dice(m, t) for m, t in zip(parts, labels, strict=True)]):.3f}"
    )
    print(f"  the best window of each case      {np.mean([table.max() for table in tables[split:]]):.3f}")


if __name__ == "__main__":
    main()
