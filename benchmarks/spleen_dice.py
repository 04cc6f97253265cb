"""What trained weights of spleen_fast are worth: Dice on phantoms held out, on phantoms never seen, and on real CTs.

    python benchmarks/spleen_dice.py [--run runs/spleen_fast/<time>-train] [--real Task09_Spleen] [--json dice.json]

Without `--run` the weights that the bundle ships are measured. Masks are made by `bundlert run ... infer`, on each
file's own grid; the Dice of them is computed by `dice.py`, which knows numpy only. The training's own Dice is of the
network's grid and chose the best epoch on the held-out phantoms, so that the never seen ones are the fair figure. Exits
with 1 when the mean of the held-out ones is below 0.93.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from dice import dice, read

from bundlert.data.phantom.dataset import abdomen_phantom

BUNDLE = Path(__file__).parents[1] / "bundles" / "spleen_fast"
HELD_OUT, NEVER_SEEN, CLAIM = 4, 12, 0.93


def measured(images: list[Path], weights: Path) -> dict[str, float]:
    """Dice of each image's mask against the label of the same name in `../labelsTr`."""
    with tempfile.TemporaryDirectory() as folder:
        words = [f"image=[{', '.join(map(str, images))}]", f"output={folder}/masks", f"weights={weights}", "-q"]
        command = [sys.executable, "-m", "bundlert.cli.main", "run", str(BUNDLE), "infer", *words]
        subprocess.run([*command, "--no-report", "--runs", f"{folder}/runs"], check=True)
        found = {}
        for image in images:
            mask, place = read(Path(folder) / "masks" / image.name.replace(".nii.gz", "_seg.nii.gz"))
            label, truth_place = read(image.parents[1] / "labelsTr" / image.name)
            if mask.shape != label.shape or not np.array_equal(place, truth_place):
                raise SystemExit(f"{image.name}: the mask isn't on the grid of its image")
            found[image.name.partition(".")[0]] = dice(mask, label)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="the folder of a training")
    parser.add_argument("--real", type=Path, help="real CTs in Decathlon layout")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    weights = asked.run / "checkpoints" / "best.safetensors" if asked.run else BUNDLE / "models" / "model.safetensors"
    trained_on, others = (Path(abdomen_phantom(cases, seed)) for cases, seed in ((16, 0), (NEVER_SEEN, 1)))
    groups = {
        "held-out phantoms": sorted((trained_on / "imagesTr").glob("[!.]*.nii.gz"))[-HELD_OUT:],
        "phantoms never seen": sorted((others / "imagesTr").glob("[!.]*.nii.gz")),
        "real CTs": sorted((asked.real / "imagesTr").glob("[!.]*.nii.gz")) if asked.real else [],
    }
    figures = {}
    for title, images in groups.items():
        if not images:
            continue
        values = figures[title] = measured([image.resolve() for image in images], weights.resolve())
        print(f"{title}: mean {np.mean(list(values.values())):.4f}, {min(values.values()):.4f} at least")
        for name, value in values.items():
            print(f"  {name:<14} {value:.4f}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if np.mean(list(figures["held-out phantoms"].values())) >= CLAIM else 1


if __name__ == "__main__":
    sys.exit(main())
