"""From files to batches: filling a cache, an epoch over it, and its memory.

    python benchmarks/loading.py [--images FOLDER] [--rounds 5] [--threads N] [--json loading.json]

FOLDER is a data set in Decathlon layout, the phantoms if not given; 8 volumes, at the full profile of spleen_fast.

Fill: ours by two threads, in memory and on disk (new, and found again); the baseline reads with nibabel and resamples
with `torch.nn.functional.grid_sample`, one volume after another, as `preprocess.py` has it. The limit is inflating all
files and writing the results once.

Epoch: 4 crops of 96 x 96 x 96 voxels of each volume, two volumes a batch, half of the crops about a foreground voxel.
The baseline is a plain torch `DataLoader` over float32 tensors whose crop looks for foreground and background at each
call, as the field's does; `indexed` has looked for them once. The limit copies as many crops into memory that is there.

Python: 32 items whose step is a loop in Python, which holds its lock; by two threads, and by two processes of the
`Loader`. The baseline does it without workers; the limit is half of that.

Each of the three takes turns with its baselines; figures are medians of all rounds, in wall-clock seconds and in CPU
seconds of this process: on a shared machine the latter are what to trust. Where torch may use more than one thread, and
a neighbour holds a core, each operation waits for it: so it may use one, and ours is two threads of one each. MONAI
takes part if it is installed; it is an error if its cache holds other voxels.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from isal import igzip
from preprocess import HAS_PEER, PIXDIM, Pair, baseline, checked

from bundlert.data.dataset import Dataset
from bundlert.data.disk_cache import DiskCache
from bundlert.data.loader import Loader
from bundlert.data.memory_cache import MemoryCache
from bundlert.data.phantom.dataset import abdomen_phantom
from bundlert.transforms.channel import EnsureChannelFirst
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.intensity.scale_range import ScaleIntensityRange
from bundlert.transforms.load import LoadImage
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.pad import SpatialPad
from bundlert.transforms.spatial.spacing import Spacing

VOLUMES, SIZE, CROPS, BATCH = 8, 96, 4, 2
KEYS = ["image", "label"]


def our_chain(*, spaced: bool = True) -> Compose:
    """That of spleen_fast, in its training; or with the voxels of the files, scaled behind the crop."""
    lowest = 0 if spaced else -57
    return Compose(
        [
            LoadImage(KEYS),
            EnsureChannelFirst(KEYS),
            Orientation(KEYS, "RAS"),
            *([Spacing(KEYS, PIXDIM, mode=["bilinear", "nearest"])] if spaced else []),
            *([ScaleIntensityRange("image", -57, 164, clip=True)] if spaced else []),
            CropForeground(KEYS, "image", threshold=lowest),
            SpatialPad(KEYS, SIZE),
            RandCropByPosNegLabel(KEYS, "label", SIZE, num_samples=CROPS, image_key="image", image_threshold=lowest),
            *([] if spaced else [ScaleIntensityRange("image", -57, 164, clip=True)]),
        ]
    )


class Naive(torch.utils.data.Dataset[list[Pair]]):
    """Cached tensors, and a crop that looks for its centres each time, or once."""

    def __init__(self, volumes: list[Pair], *, indexed: bool = False) -> None:
        self.volumes = volumes
        self.known = [self.centres(one) for one in volumes] if indexed else None

    def __len__(self) -> int:
        return len(self.volumes)

    @staticmethod
    def centres(volume: Pair) -> tuple[torch.Tensor, torch.Tensor]:
        """Flat indices of the foreground, and of the background in the body."""
        label, body = volume["label"].flatten() > 0, volume["image"].flatten() > 0
        return label.nonzero()[:, 0], (body & ~label).nonzero()[:, 0]

    def __getitem__(self, index: int) -> list[Pair]:
        volume = self.volumes[index]
        sets = self.known[index] if self.known else self.centres(volume)
        shape, crops = volume["image"].shape[1:], []
        for _ in range(CROPS):
            voxels = sets[int(torch.rand(()) < 0.5)]
            centre = np.unravel_index(int(voxels[int(torch.randint(len(voxels), ()))]), shape)
            start = [min(max(c - SIZE // 2, 0), n - SIZE) for c, n in zip(centre, shape, strict=True)]
            box = (slice(None), *(slice(first, first + SIZE) for first in start))
            crops.append({key: volume[key][box] for key in KEYS})
        return crops


class Loop:
    """A step of about 10 ms that holds Python's lock."""

    def __call__(self, sample: dict[str, Any], _rng: np.random.Generator | None = None) -> dict[str, Any]:
        """Do it."""
        return {**sample, "sum": sum(number & 3 for number in range(200_000))}


def stacked(items: list[list[Pair]]) -> Pair:
    return {key: torch.stack([crop[key] for crops in items for crop in crops]) for key in KEYS}


def padded(volume: Pair) -> Pair:
    """At least as large as a crop."""
    missing = [side for n in reversed(volume["image"].shape[1:]) for side in (0, max(SIZE - n, 0))]
    return {key: torch.nn.functional.pad(voxels, missing) for key, voxels in volume.items()}


def limit_of_an_epoch(volumes: list[Pair], batch: Pair) -> None:
    for index, volume in enumerate(volumes):
        for number in range(CROPS):
            for key in KEYS:
                place = batch[key][(index % BATCH) * CROPS + number]
                place.copy_(volume[key][:, number : number + SIZE, :SIZE, :SIZE])


def limit_of_filling(samples: list[dict[str, str]], volumes: list[Pair]) -> None:
    for sample, volume in zip(samples, volumes, strict=True):
        for key in KEYS:
            igzip.decompress(Path(sample[key]).read_bytes())
            volume[key].clone()


def gone_through(batches: Iterator[Any]) -> None:
    for batch in batches:
        if batch["image"].shape[2:] != (SIZE,) * 3:
            raise ValueError(f"{tuple(batch['image'].shape)} is no batch of crops")


def peer(samples: list[dict[str, str]], ours: MemoryCache) -> tuple[dict[str, Callable[[], object]], int]:
    """Filling its cache, and an epoch over it; and how large that is."""
    from monai import data, transforms  # noqa: PLC0415

    steps = [
        transforms.LoadImaged(KEYS),
        transforms.EnsureChannelFirstd(KEYS),
        transforms.Orientationd(KEYS, "RAS"),
        transforms.Spacingd(KEYS, PIXDIM, mode=["bilinear", "nearest"]),
        transforms.ScaleIntensityRanged("image", -57, 164, 0, 1, clip=True),
        transforms.CropForegroundd(KEYS, "image"),
        transforms.SpatialPadd(KEYS, (SIZE,) * 3),
        transforms.RandCropByPosNegLabeld(KEYS, "label", (SIZE,) * 3, num_samples=CROPS, image_key="image"),
    ]
    fill = partial(data.CacheDataset, samples, transforms.Compose(steps), num_workers=2, progress=False)
    theirs = fill()
    kept = [{key: theirs._cache[index][key].as_tensor() for key in KEYS} for index in range(len(samples))]  # noqa: SLF001
    for index, pair in enumerate(kept):
        checked("MONAI", ours.prepare(index)[0].sample, pair)
    loader = data.ThreadDataLoader(theirs, batch_size=BATCH, num_workers=0, shuffle=True)
    size = sum(tensor.nbytes for pair in kept for tensor in pair.values())
    return {"fill: MONAI": fill, "epoch: MONAI": lambda: gone_through(iter(loader))}, size


def cases(
    samples: list[dict[str, str]], folder: Path
) -> tuple[dict[str, Callable[[], object]], dict[str, tuple[int, int]]]:
    """What is timed; and how large caches are, and would be in float32."""
    caches = {
        "ours": MemoryCache(samples, our_chain(), num_workers=2),
        "ours, float16": MemoryCache(samples, our_chain(), num_workers=2, dtype="float16"),
        "ours, on disk": DiskCache(samples, our_chain(), folder / "found", num_workers=2),
    }
    loaders = {name: Loader(cache, BATCH, shuffle=True) for name, cache in caches.items()}
    volumes = [padded(baseline(sample)) for sample in samples]
    batch = {key: torch.zeros(BATCH * CROPS, 1, *(SIZE,) * 3) for key in KEYS}
    loops = {
        f"ours, {workers}": Loader(Dataset([{}] * 32, Loop()), 4, workers=workers)
        for workers in ("threads", "processes")
    }
    new, epoch = iter(range(1000)), iter(range(1, 100_000))
    plain = {
        name: torch.utils.data.DataLoader(Naive(volumes, indexed=name == "indexed"), BATCH, True, collate_fn=stacked)
        for name in ("naive", "indexed")
    }
    peer_cases, peer_size = peer(samples, caches["ours"]) if HAS_PEER else ({}, 0)
    timed: dict[str, Callable[[], object]] = {
        "fill: ours": lambda: MemoryCache(samples, our_chain(), num_workers=2),
        "fill: ours, on disk, new": lambda: DiskCache(samples, our_chain(), folder / str(next(new)), num_workers=2),
        "fill: ours, on disk, found": lambda: DiskCache(samples, our_chain(), folder / "found", num_workers=2),
        "fill: naive": lambda: [baseline(sample) for sample in samples],
        "fill: limit": lambda: limit_of_filling(samples, volumes),
        **{f"epoch: {name}": partial(_epoch, loader, epoch) for name, loader in loaders.items()},
        **{f"epoch: {name}": partial(_plain_epoch, loader) for name, loader in plain.items()},
        "epoch: limit": lambda: limit_of_an_epoch(volumes, batch),
        **{f"Python: {name}": partial(_plain_epoch_of_loops, loader) for name, loader in loops.items()},
        "Python: naive": lambda: [Loop()({}) for _ in range(32)],
        "Python: limit": lambda: [Loop()({}) for _ in range(16)],
        **peer_cases,
    }
    unspaced = MemoryCache(samples, our_chain(spaced=False), num_workers=2)
    sizes = {name: (cache.size_bytes, float_bytes(cache)) for name, cache in caches.items()}
    if peer_size:
        sizes["MONAI"] = peer_size, float_bytes(caches["ours"])
    return timed, {**sizes, "ours, not resampled, scaled behind the crop": (unspaced.size_bytes, float_bytes(unspaced))}


def float_bytes(cache: MemoryCache) -> int:
    """What image and label would take in float32."""
    return sum(8 * cache.prepare(index)[0].sample["image"].data.numel() for index in range(len(cache)))


def _epoch(loader: Loader, number: Iterator[int]) -> None:
    gone_through(loader.batches(next(number)))


def _plain_epoch_of_loops(loader: Loader) -> None:
    for _ in loader.batches():
        pass


def _plain_epoch(loader: Any) -> None:
    gone_through(iter(loader))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="a data set in Decathlon layout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of torch, for what isn't done by a loader")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    place = asked.images or Path(abdomen_phantom(16, 0))
    files = sorted((place / "imagesTr").glob("[!.]*.nii.gz"))[:VOLUMES]
    samples = [{"image": str(one), "label": str(place / "labelsTr" / one.name)} for one in files]
    times: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        timed, sizes = cases(samples, Path(folder))
        groups = dict.fromkeys(name.partition(":")[0] for name in timed)
        for group, _ in product(groups, range(asked.rounds)):  # the disk that is filled would slow what follows
            for name, case in timed.items():
                if not name.startswith(group):
                    continue
                begun, worked = time.perf_counter(), time.process_time()
                case()
                times.setdefault(name, []).append((time.perf_counter() - begun, time.process_time() - worked))
    typical = {name: [median(one[which] for one in found) for which in (0, 1)] for name, found in times.items()}
    for name, (wall, work) in typical.items():
        group = name.partition(":")[0]
        others = {
            one: typical[f"{group}: {one}"] for one in ("MONAI", "naive", "limit") if f"{group}: {one}" in typical
        }
        against = "; ".join(
            f"{base} / it {theirs[0] / wall:5.1f}, {theirs[1] / work:5.1f}" for base, theirs in others.items()
        )
        print(f"{name:<28} {wall:7.3f} s, CPU {work:7.3f} s; {against}")
    for name, (size, floats) in sizes.items():
        print(f"memory: {name:<44} {size / 1e6:6.1f} MB, {size / floats:.3f} of float32")
    if asked.json:
        content = {"seconds (wall, CPU)": typical, "bytes": sizes, "rounds": asked.rounds, "volumes": len(samples)}
        asked.json.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
