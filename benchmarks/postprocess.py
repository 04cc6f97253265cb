"""From scores to a file: probabilities, back to the grid of the file, the likeliest class, compressed on disk.

    python benchmarks/postprocess.py [--images FOLDER] [--rounds 5] [--threads N] [--json postprocess.json]

FOLDER is a data set in Decathlon layout, the phantoms if not given. Ours is what spleen_fast does after its network;
the scores [2, X, Y, Z] are the label, smoothed, with smooth noise. The baseline does the same by torch's `grid_sample`
and nibabel; MONAI takes part if it is installed, by the steps of its own bundles. All take turns in one process; the
first round isn't counted. It is an error if more than one voxel in a thousand differs. The limit is what no program can
do without: reading the scores once, deflating the mask (isal). If BUNDLERT_TEST_DATA names a folder with a
`Task09_Spleen_mini`, its CTs are taken, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import nibabel
import numpy as np
import torch
from isal import igzip
from torch.nn.functional import affine_grid, grid_sample, interpolate

from bundlert.config.build import Builder
from bundlert.config.load import load
from bundlert.data.phantom.dataset import abdomen_phantom
from bundlert.registry.registry import standard
from bundlert.transforms.lazy import realized
from bundlert.transforms.save import SaveImage

CONFIGS = Path(__file__).parents[1] / "bundles" / "spleen_fast" / "configs"
REAL = os.environ.get("BUNDLERT_TEST_DATA")
HAS_PEER = importlib.util.find_spec("monai") is not None
MOST_OFF = 1e-3
Way = Callable[[str], None]


def our_steps() -> tuple[Callable[..., Any], list[Callable[..., Any]]]:
    """What the bundle does before its network, at the full profile, and behind it."""
    tree, train = load(CONFIGS / "evaluate.yaml"), load(CONFIGS / "transforms.yaml")
    tree.value["profile"].value = "full"
    tree.value["keys"], tree.value["modes"] = train.value["keys"], train.value["modes"]
    builder = Builder(tree, standard())
    return builder.get("preprocessing"), [*builder.get("restore"), SaveImage("pred", "output")]


def scores_on(label: Any) -> torch.Tensor:
    """[2, X, Y, Z] as of a network that is nearly right."""
    noise = torch.randn(1, 1, *(-(-size // 6) for size in label.shape), generator=torch.Generator().manual_seed(0))
    noise = interpolate(noise, label.shape, mode="trilinear", align_corners=False)[0]
    inside = interpolate(label.data[None].float(), scale_factor=0.5, mode="trilinear", align_corners=False)
    inside = interpolate(inside, label.shape, mode="trilinear", align_corners=False)[0]
    return torch.cat([noise / 2, 4 * inside - 2])


def ours(sample: dict[str, Any], scores: torch.Tensor, steps: list[Callable[..., Any]]) -> Way:
    def run(file: str) -> None:
        made = {"image": sample["image"], "pred": sample["image"].with_data(scores), "output": file}
        for step in steps:
            made = step(made)

    return run


def baseline(file_read: str, sample: dict[str, Any], scores: torch.Tensor) -> Way:
    """The same by torch and nibabel."""
    whole = nibabel.load(file_read)
    matrix = np.linalg.inv(sample["image"].affine) @ whole.affine  # voxels of the file -> those of the scores
    sizes, wanted = np.array(scores.shape[1:]), np.array(whole.shape)
    theta = np.zeros((3, 4))
    theta[:, :3] = matrix[:3, :3] * ((wanted - 1) / (sizes - 1)[:, None])
    theta[:, 3] = (2 * matrix[:3, 3] + matrix[:3, :3] @ (wanted - 1)) / (sizes - 1) - 1
    theta = torch.from_numpy(theta[::-1, [2, 1, 0, 3]].copy()).float()[None]  # grid_sample counts axes from the last

    def run(file: str) -> None:
        grid = affine_grid(theta, [1, 1, *whole.shape], align_corners=True)
        found = grid_sample(scores.softmax(0)[None], grid, align_corners=True)[0].argmax(0)
        nibabel.save(nibabel.Nifti1Image(found.to(torch.uint8).numpy(), whole.affine), file)

    return run


def peer(file_read: str, sample: dict[str, Any], scores: torch.Tensor) -> Way:
    """The same by MONAI."""
    from monai import transforms  # noqa: PLC0415
    from monai.data import MetaTensor, decollate_batch, list_data_collate  # noqa: PLC0415

    before = transforms.Compose(
        [
            transforms.LoadImaged("image"),
            transforms.EnsureChannelFirstd("image"),
            transforms.Orientationd("image", "RAS"),
            transforms.Spacingd("image", (1.5, 1.5, 2.0), mode="bilinear"),
            transforms.ScaleIntensityRanged("image", -57, 164, 0, 1, clip=True),
            transforms.CropForegroundd("image", "image"),
        ]
    )
    read = before({"image": file_read})
    shift = np.rint(np.linalg.solve(sample["image"].affine, read["image"].affine.numpy())[:3, 3]).astype(int)
    theirs = scores  # their box may end a voxel sooner or later
    for axis, (low, size) in enumerate(zip(shift, read["image"].shape[1:], strict=True), 1):
        theirs = theirs.index_select(axis, (torch.arange(size) + low).clamp(0, theirs.shape[axis] - 1))
    theirs = theirs.contiguous()

    def run(file: str) -> None:
        folder, name = os.path.split(file)
        after = transforms.Compose(
            [
                transforms.Activationsd("pred", softmax=True),
                transforms.Invertd("pred", before, "image", nearest_interp=False, to_tensor=True),
                transforms.AsDiscreted("pred", argmax=True),
                transforms.SaveImaged(
                    "pred",
                    output_dir=folder,
                    output_postfix=name.removesuffix(".nii.gz"),
                    output_dtype=np.uint8,
                    separate_folder=False,
                    print_log=False,
                ),
            ]
        )
        (one,) = decollate_batch(list_data_collate([read]))
        after({**one, "pred": MetaTensor(theirs.clone())})

    return run


def limit(scores: torch.Tensor, mask: np.ndarray) -> Way:
    def run(_file: str) -> None:
        scores.sum()
        igzip.compress(mask.tobytes(), 1)

    return run


def written(folder: Path, name: str) -> np.ndarray:
    """The mask that somebody wrote into a folder, under a name or one that ends so."""
    (file,) = folder.glob(f"*{name}.nii.gz")
    return np.asarray(nibabel.load(file).dataobj).squeeze()


def timed(folder: Path, samples: list[dict[str, str]], rounds: int) -> tuple[dict[str, list[Any]], dict[str, float]]:
    """Seconds of each volume by each way, in turns; and the share of voxels that differ from ours at most."""
    before, steps = our_steps()
    times: dict[str, list[Any]] = {}
    off: dict[str, float] = {}
    for number, one in enumerate(samples):
        sample = realized(before(one))
        scores = scores_on(sample["label"])
        ways = {"ours": ours(sample, scores, steps), "torch + nibabel": baseline(one["image"], sample, scores)}
        if HAS_PEER:
            ways["MONAI"] = peer(one["image"], sample, scores)
        ways["limit"] = limit(scores, np.asarray(nibabel.load(one["label"]).dataobj).astype(np.uint8))
        for turn in range(rounds + 1):
            for name, way in ways.items():
                begun, worked = time.perf_counter(), time.process_time()
                way(str(folder / f"{number}{name.split()[0]}.nii.gz"))
                if turn:
                    times.setdefault(name, []).append((time.perf_counter() - begun, time.process_time() - worked))
        mine = written(folder, f"{number}ours")
        for name in set(ways) - {"ours", "limit"}:
            differ = float((written(folder, f"{number}{name.split()[0]}") != mine).mean())
            off[name] = max(off.get(name, 0.0), differ)
    return times, off


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="a data set in Decathlon layout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    folders = {"phantoms": asked.images or Path(abdomen_phantom(16, 0))}
    if REAL and not asked.images:
        folders["real CTs"] = Path(REAL) / "Task09_Spleen_mini"
    figures = {}
    for title, folder in folders.items():
        files = sorted((folder / "imagesTr").glob("[!.]*.nii.gz"))[:4]
        samples = [{"image": str(one), "label": str(folder / "labelsTr" / one.name)} for one in files]
        with TemporaryDirectory() as out:
            times, off = timed(Path(out), samples, asked.rounds)
        print(title)
        figures[title] = {
            name: [median(one[which] for one in found) for which in (0, 1)] for name, found in times.items()
        }
        wall, cpu = figures[title]["ours"]
        for name, (took, worked) in figures[title].items():
            differ = f"; {off[name]:.1e} of the voxels differ" if name in off else ""
            ratio = f"{took / wall:6.2f} times ours, {worked / cpu:6.2f} by CPU"
            print(f"  {name:<16} {took * 1000:7.1f} ms a volume, CPU {worked * 1000:7.1f}; {ratio}{differ}")
        if max(off.values()) > MOST_OFF:
            sys.exit("too many voxels differ")
    if asked.json:
        asked.json.write_text(json.dumps({"seconds (wall, CPU)": figures, "rounds": asked.rounds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
