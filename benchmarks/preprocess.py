"""From a file to what the network sees: read, orient, resample, window, crop to the body; image and label.

    python benchmarks/preprocess.py [--images FOLDER] [--rounds 5] [--json preprocess.json]

FOLDER is a data set in Decathlon layout, the phantoms if not given. Ours is the chain of spleen_fast, as `infer` and
`train` run it. The baseline does the same by the libraries that people use: nibabel reads and turns the axes,
`torch.nn.functional.grid_sample` resamples on a grid that `affine_grid` makes. Both take turns in one process; what
they give is compared. The limit is what no program can do without: inflating both files (isal) and writing the result
once.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import nibabel
import numpy as np
import torch
from isal import igzip
from torch.nn.functional import affine_grid, grid_sample

from bundlert.config.build import Builder
from bundlert.config.load import load
from bundlert.data.phantom.dataset import abdomen_phantom
from bundlert.registry.registry import standard
from bundlert.transforms.lazy import realized

ROOT = Path(__file__).parents[1]
PIXDIM = (1.5, 1.5, 2.0)


def our_chain() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The preprocessing of the bundle at the full profile."""
    tree = load(ROOT / "bundles" / "spleen_fast" / "configs" / "evaluate.yaml")
    tree.value["profile"].value = "full"
    train = load(ROOT / "bundles" / "spleen_fast" / "configs" / "transforms.yaml")
    tree.value["keys"], tree.value["modes"] = train.value["keys"], train.value["modes"]
    chain = Builder(tree, standard()).get("preprocessing")
    return lambda sample: realized(chain(sample))


def baseline(sample: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The same by nibabel and torch alone."""
    image, label = (nibabel.as_closest_canonical(nibabel.load(sample[key])) for key in ("image", "label"))
    spacing = np.linalg.norm(image.affine[:3, :3], axis=0)
    size = [round((n - 1) * s / p + 1) for n, s, p in zip(image.shape, spacing, PIXDIM, strict=True)]
    made = {}
    for key, volume, mode in (("image", image, "bilinear"), ("label", label, "nearest")):
        voxels = torch.from_numpy(volume.get_fdata(dtype=np.float32))[None, None]
        scale = [(n - 1) * p / s / (m - 1) for n, p, s, m in zip(size, PIXDIM, spacing, image.shape, strict=True)]
        theta = torch.zeros(1, 3, 4)
        for axis, step in enumerate(scale):  # grid_sample counts axes from the last
            theta[0, 2 - axis, 2 - axis], theta[0, 2 - axis, 3] = step, step - 1
        grid = affine_grid(theta, [1, 1, *size], align_corners=True)
        made[key] = grid_sample(voxels, grid, mode, "border", align_corners=True)[0]
    made["image"] = ((made["image"] + 57) / 221).clamp(0, 1)
    found = [made["image"][0].amax(dim=[a for a in range(3) if a != axis]).nonzero() for axis in range(3)]
    box = (slice(None), *(slice(int(one[0]), int(one[-1]) + 1) for one in found))
    return {key: value[box].contiguous() for key, value in made.items()}


def limit(sample: dict[str, Any], result: dict[str, Any]) -> None:
    """Inflate both files, write both results once."""
    for key in ("image", "label"):
        igzip.decompress(Path(sample[key]).read_bytes())
        result[key].data.clone()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="a data set in Decathlon layout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    folder = asked.images or Path(abdomen_phantom(16, 0))
    files = sorted((folder / "imagesTr").glob("[!.]*.nii.gz"))[:6]
    samples = [{"image": str(one), "label": str(folder / "labelsTr" / one.name)} for one in files]
    ours = our_chain()
    times: dict[str, list[float]] = {"ours": [], "nibabel + grid_sample": [], "limit": []}
    off, labels_off = 0.0, 0
    for _ in range(asked.rounds):
        for sample in samples:
            begun = time.perf_counter()
            mine = ours(sample)
            times["ours"].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            theirs = baseline(sample)
            times["nibabel + grid_sample"].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            limit(sample, mine)
            times["limit"].append(time.perf_counter() - begun)
            if mine["image"].data.shape == theirs["image"].shape:  # else a box one voxel larger or smaller
                off = max(off, float((mine["image"].data - theirs["image"]).abs().max()))
                labels_off = max(labels_off, int((mine["label"].data != theirs["label"]).sum()))
    typical = {name: median(found) for name, found in times.items()}
    for name, found in typical.items():
        print(f"{name:<22} {found * 1000:7.1f} ms a volume (min {min(times[name]) * 1000:.1f})")
    print(f"{typical['nibabel + grid_sample'] / typical['ours']:.1f} times faster than nibabel + grid_sample")
    print(f"{typical['ours'] / typical['limit']:.1f} times the limit")
    print(f"greatest difference of a voxel {off:.1e}, label voxels that differ: {labels_off}")
    if asked.json:
        asked.json.write_text(json.dumps({"seconds": typical, "rounds": asked.rounds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
