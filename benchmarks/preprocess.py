"""From a file to what the network sees: read, orient, resample, window, crop to the body; image and label.

    python benchmarks/preprocess.py [--images FOLDER] [--rounds 5] [--threads N] [--json preprocess.json]

FOLDER is a data set in Decathlon layout, the phantoms if not given. Ours is the chain of spleen_fast, as `infer` and
`train` run it. The baseline does the same by the libraries that people use: nibabel reads and turns the axes,
`torch.nn.functional.grid_sample` resamples on a grid that `affine_grid` makes. MONAI takes part if it is installed, by
the same steps. If BUNDLERT_TEST_DATA names a folder with a `Task09_Spleen_mini`, its CTs are taken, too. The limit is
what no program can do without: inflating both files (isal) and writing the result once.

All take turns in one process; the first round isn't counted. It is an error if voxels differ by more than rounding
explains; those of oblique volumes aren't compared with MONAI's, who doesn't leave the first voxel where it is. Figures
are the shortest time of each volume, on average over the volumes. On a shared machine those of the CPU are what to
trust, with `--threads 1`: then nobody waits for a core that is taken.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from statistics import fmean
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
REAL = os.environ.get("BUNDLERT_TEST_DATA")
HAS_PEER = importlib.util.find_spec("monai") is not None
KEYS, PIXDIM = ["image", "label"], (1.5, 1.5, 2.0)
VOXELS_OFF = {"nibabel + grid_sample": 5e-4, "MONAI": 5e-6}
"""What others may differ by: grid_sample counts places in float32, from -1 to 1, MONAI in float64."""
Pair = dict[str, torch.Tensor]
Way = Callable[[dict[str, Any]], Pair]
Times = dict[str, list[list[tuple[float, float]]]]


def our_chain() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The preprocessing of the bundle at the full profile."""
    tree = load(ROOT / "bundles" / "spleen_fast" / "configs" / "evaluate.yaml")
    tree.value["profile"].value = "full"
    train = load(ROOT / "bundles" / "spleen_fast" / "configs" / "transforms.yaml")
    tree.value["keys"], tree.value["modes"] = train.value["keys"], train.value["modes"]
    chain = Builder(tree, standard()).get("preprocessing")
    return lambda sample: realized(chain(sample))


def baseline(sample: dict[str, Any]) -> Pair:
    """The same by nibabel and torch alone."""
    image, label = (nibabel.as_closest_canonical(nibabel.load(sample[key])) for key in KEYS)
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


def peer_chain() -> Way:
    """The same by MONAI."""
    from monai import transforms  # noqa: PLC0415

    steps = [
        transforms.LoadImaged(KEYS),
        transforms.EnsureChannelFirstd(KEYS),
        transforms.Orientationd(KEYS, "RAS"),
        transforms.Spacingd(KEYS, PIXDIM, mode=["bilinear", "nearest"]),
        transforms.ScaleIntensityRanged("image", -57, 164, 0, 1, clip=True),
        transforms.CropForegroundd(KEYS, "image"),
    ]
    chain = transforms.Compose(steps)

    return lambda sample: {key: value.as_tensor() for key, value in chain(sample).items() if key in KEYS}


def limit(sample: dict[str, Any], result: dict[str, Any]) -> None:
    """Inflate both files, write both results once."""
    for key in KEYS:
        igzip.decompress(Path(sample[key]).read_bytes())
        result[key].data.clone()


def checked(name: str, mine: dict[str, Any], theirs: Pair) -> dict[str, float]:
    """What `compared` finds, if it is no more than rounding explains."""
    oblique = np.count_nonzero(np.abs(mine["image"].affine[:3, :3]) > 1e-3) > 3
    if oblique and name == "MONAI":
        return {"voxels": 0, "box": 0}
    found = compared(mine, theirs)
    if found["voxels"] > VOXELS_OFF[name] or found["labels"] or found["box"] > 1:
        sys.exit(f"{name} gives other voxels: {found}")
    return found


def compared(mine: dict[str, Any], theirs: Pair) -> dict[str, float]:
    """How far results differ where both have voxels.

    A box may end a voxel sooner where rounding decides whether a voxel is above the lowest value of the window; at the
    end where all others agree best. A label may differ where two voxels of the file are equally near.
    """
    longer = np.subtract(theirs["image"].shape[1:], mine["image"].shape)
    found = []
    for shift in product(*([*range(min(0, n), max(0, n) + 1)] for n in longer)):
        own, other = parts(mine["image"].shape, theirs["image"].shape[1:], shift)
        labels_differ = mine["label"].data[own] != theirs["label"][other]
        found.append(
            {
                "voxels": float((mine["image"].data[own] - theirs["image"][other]).abs().max()),
                "labels": int((labels_differ & ~equally_near(mine["label"])[own]).sum()),
                "box": int(np.abs(longer).max()),
            }
        )
    return min(found, key=lambda one: one["voxels"])


def parts(one: Sequence[int], other: Sequence[int], shift: Sequence[int]) -> tuple[Any, Any]:
    """What two boxes have in common, as indices of each; the first begins at voxel `shift` of the second."""
    size = [min(n + min(by, 0), m - max(by, 0)) for n, m, by in zip(one, other, shift, strict=True)]
    first = (slice(None), *(slice(max(-by, 0), max(-by, 0) + n) for by, n in zip(shift, size, strict=True)))
    return first, (slice(None), *(slice(max(by, 0), max(by, 0) + n) for by, n in zip(shift, size, strict=True)))


def equally_near(label: Any) -> torch.Tensor:
    """[1, *S] where the centre of a voxel lies on a face between voxels of the file."""
    matrix = label.original.matrix_to(label.grid)
    found = torch.zeros(1, *label.shape, dtype=torch.bool)
    for axis, size in enumerate(label.shape):
        source = int(np.abs(matrix[:3, axis]).argmax())
        places = matrix[source, axis] * np.arange(size) + matrix[source, 3]
        on_face = torch.from_numpy(np.abs(places - np.floor(places) - 0.5) < 1e-4)
        found |= on_face.view([-1 if one == axis else 1 for one in range(3)])
    return found


def timed(
    samples: list[dict[str, str]], ways: dict[str, Way], rounds: int
) -> tuple[Times, dict[str, dict[str, float]]]:
    """Seconds of each volume by each way, in turns; and how far the others are from ours at most."""
    ours = our_chain()
    times: Times = {name: [[] for _ in samples] for name in ("ours", "limit", *ways)}
    off: dict[str, dict[str, float]] = {}
    for turn, (index, sample) in product(range(rounds + 1), enumerate(samples)):

        def run(name: str, job: Callable[[], Any], turn: int = turn, index: int = index) -> Any:
            begun, worked = time.perf_counter(), time.process_time()
            made = job()
            if turn:
                times[name][index].append((time.perf_counter() - begun, time.process_time() - worked))
            return made

        mine = run("ours", partial(ours, sample))
        run("limit", partial(limit, sample, mine))
        for name, way in ways.items():
            differs = checked(name, mine, run(name, partial(way, sample)))
            off[name] = {what: max(differs[what], off.get(name, differs)[what]) for what in ("voxels", "box")}
    return times, off


def shown(title: str, times: Times, off: dict[str, dict[str, float]]) -> dict[str, list[float]]:
    """Print a table of the shortest time of each volume, on average over all volumes."""
    print(title)
    typical = {
        name: [fmean(min(one[which] for one in found) for found in volumes) for which in (0, 1)]
        for name, volumes in times.items()
    }
    ours, ours_cpu = typical["ours"]
    for name, (wall, work) in typical.items():
        ratio = "" if name == "ours" else f";   / ours {wall / ours:6.2f}, CPU {work / ours_cpu:6.2f}"
        print(f"  {name:<22} {wall * 1000:7.1f} ms a volume, CPU {work * 1000:7.1f}{ratio}")
    for name, found in off.items():
        print(f"  {name}: voxels differ by {found['voxels']:.1e} at most, boxes by {found['box']:.0f}")
    return typical


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="a data set in Decathlon layout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    ways = {"nibabel + grid_sample": baseline, **({"MONAI": peer_chain()} if HAS_PEER else {})}
    folders = {"phantoms": asked.images or Path(abdomen_phantom(16, 0))}
    if REAL and not asked.images:
        folders["real CTs"] = Path(REAL) / "Task09_Spleen_mini"
    figures = {}
    for title, folder in folders.items():
        files = sorted((folder / "imagesTr").glob("[!.]*.nii.gz"))[:6]
        samples = [{"image": str(one), "label": str(folder / "labelsTr" / one.name)} for one in files]
        times, off = timed(samples, ways, asked.rounds)
        figures[title] = shown(title, times, off)
    if asked.json:
        asked.json.write_text(json.dumps({"seconds (wall, CPU)": figures, "rounds": asked.rounds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
