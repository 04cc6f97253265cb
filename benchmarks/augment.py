"""Random crops for training: out of a bent volume, and out of cached ones.

    python benchmarks/augment.py [--rounds 7] [--volumes 8] [--json augment.json]

The first part gives one crop of 96^3 after a random affine map and an elastic deformation of 200 x 200 x 120 voxels,
image and label. Ours is RandAffine, RandElastic and RandSpatialCrop, which resample the crop alone. The plain ways
bend the whole volume and cut the crop out then: scipy by `gaussian_filter` and `map_coordinates`, torch by convolutions
and `grid_sample`. The limit is writing the crop once. Each has one thread, as in a worker of a loader.

The second part is an epoch of 4 random crops about labels and background from each cached volume, collated two volumes
a batch. Ours is RandCropByPosNegLabel behind MemoryCache and Loader. The plain way, which is the limit too, knows where
to crop: it slices and stacks.

MONAI takes part where it can be imported. All take turns in one process. Before that, ours and scipy bend by the same
affine map, and what differs is told.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch.nn.functional import conv3d, grid_sample

from bundlert.data.loader import Loader
from bundlert.data.memory_cache import MemoryCache
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.crop.random_spatial import RandSpatialCrop
from bundlert.transforms.lazy import realized
from bundlert.transforms.spatial.affine import RandAffine
from bundlert.transforms.spatial.bending import RandElastic
from bundlert.transforms.spatial.matrices import affine

try:
    import monai.data as peer_data
    import monai.transforms as peer_transforms
except ImportError:
    peer_data = peer_transforms = None

SHAPE, CROP, SAMPLES, BATCH = (200, 200, 120), 96, 4, 2
KEYS, MODES = ["image", "label"], ["bilinear", "nearest"]
ROTATE, SCALE, SIGMA, MAGNITUDE = [0.2] * 3, [0.1] * 3, (5, 8), (100, 200)


def volume(seed: int) -> dict[str, torch.Tensor]:
    """A body of smooth noise with an organ in it."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=[size // 5 for size in SHAPE])
    image = torch.from_numpy(ndimage.zoom(coarse, 5, order=1).astype(np.float32))[None]
    places = np.stack(np.meshgrid(*(np.linspace(-1, 1, size) for size in SHAPE), indexing="ij"))
    label = (((places - rng.uniform(-0.4, 0.4, (3, 1, 1, 1))) / 0.2) ** 2).sum(axis=0) < 1
    return {"image": image, "label": torch.from_numpy(label.astype(np.uint8))[None]}


def ours_bent() -> Callable[[dict[str, Image], int], Any]:
    chain = Compose(
        [
            RandAffine(KEYS, 1.0, rotate_range=ROTATE, scale_range=SCALE, mode=MODES),
            RandElastic(KEYS, SIGMA, MAGNITUDE, prob=1.0, mode=MODES),
            RandSpatialCrop(KEYS, CROP),
        ]
    )
    return lambda sample, seed: realized(chain(sample, np.random.default_rng(seed)))


def drawn(seed: int) -> tuple[np.ndarray[Any, Any], tuple[slice, ...], float, float, np.random.Generator]:
    """A map about the middle, a place for the crop, sigma and magnitude."""
    rng = np.random.default_rng(seed)
    rotate, scale = rng.uniform(-0.2, 0.2, 3), 1 + rng.uniform(-0.1, 0.1, 3)
    start = [int(rng.integers(size - CROP + 1)) for size in SHAPE]
    box = tuple(slice(first, first + CROP) for first in start)
    return affine(3, rotate, scale=scale)[:3, :3], box, rng.uniform(*SIGMA), rng.uniform(*MAGNITUDE), rng


def scipy_bent(voxels: dict[str, torch.Tensor], seed: int) -> dict[str, np.ndarray[Any, Any]]:
    matrix, box, sigma, magnitude, rng = drawn(seed)
    middle = (np.array(SHAPE).reshape(3, 1) - 1) / 2
    offsets = [ndimage.gaussian_filter(rng.uniform(-1, 1, SHAPE).astype(np.float32), sigma) for _ in range(3)]
    places = np.indices(SHAPE, dtype=np.float32).reshape(3, -1) - middle
    places += magnitude * np.stack(offsets).reshape(3, -1)
    places = (matrix @ places + middle).reshape(3, *SHAPE)
    return {
        key: ndimage.map_coordinates(voxels[key][0].numpy(), places, order=order, mode="reflect")[box]
        for key, order in (("image", 1), ("label", 0))
    }


def torch_bent(voxels: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    matrix, box, sigma, magnitude, _ = drawn(seed)
    offsets = torch.rand(3, 1, *SHAPE) * 2 - 1
    reach = torch.arange(-round(3 * sigma), round(3 * sigma) + 1)
    kernel = torch.exp(-0.5 * (reach / sigma) ** 2)
    kernel = kernel / kernel.sum()
    for axis in range(3):
        shape = [1, 1, 1, 1, 1]
        shape[axis + 2] = len(reach)
        padding = [len(reach) // 2 if axis == other else 0 for other in range(3)]
        offsets = conv3d(offsets, kernel.view(shape), padding=padding)
    places = torch.stack(
        torch.meshgrid(*(torch.arange(size) - (size - 1) / 2 for size in SHAPE), indexing="ij")
    ).reshape(3, -1)
    places = torch.from_numpy(matrix).float() @ (places + magnitude * offsets.reshape(3, -1))
    scaled = places * 2 / torch.tensor(SHAPE).view(3, 1)
    grid = scaled.flip(0).T.reshape(1, *SHAPE, 3)
    made = {}
    for key, mode in zip(KEYS, MODES, strict=True):
        bent = grid_sample(voxels[key][None].float(), grid, mode, "reflection", align_corners=False)
        made[key] = bent[0, 0][box].contiguous()
    return made


def limit_bent(voxels: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    _, box, *_ = drawn(seed)
    return {key: voxels[key][0][box].clone() for key in KEYS}


def monai_bent() -> Callable[[dict[str, torch.Tensor], int], Any]:
    chain = peer_transforms.Compose(
        [
            peer_transforms.RandAffined(KEYS, prob=1.0, rotate_range=ROTATE, scale_range=SCALE, mode=MODES),
            peer_transforms.Rand3DElasticd(KEYS, SIGMA, MAGNITUDE, prob=1.0, mode=MODES),
            peer_transforms.RandSpatialCropd(KEYS, CROP, random_size=False),
        ]
    )

    def bent(voxels: dict[str, torch.Tensor], seed: int) -> Any:
        chain.set_random_state(seed)
        return chain(dict(voxels))

    return bent


def difference(voxels: dict[str, torch.Tensor], sample: dict[str, Image]) -> tuple[float, int]:
    """The greatest difference of a voxel to scipy by the same affine map, and how many label voxels differ."""
    step = RandAffine(KEYS, 1.0, rotate_range=ROTATE, scale_range=SCALE, mode=MODES)
    params = step.draw(sample, np.random.default_rng(0))
    start, size = [40, 50, 10], [CROP] * 3
    result = realized(RandSpatialCrop(KEYS, CROP).apply(step.apply(sample, params), {"start": start, "size": size}))
    matrix, middle = affine(3, **params)[:3, :3], (np.array(SHAPE).reshape(3, 1) - 1) / 2
    places = np.indices(size).reshape(3, -1) + np.array(start).reshape(3, 1) - middle
    places = (matrix @ places + middle).reshape(3, *size)
    theirs = [
        ndimage.map_coordinates(voxels[key][0].numpy(), places, order=order, mode="reflect")
        for key, order in (("image", 1), ("label", 0))
    ]
    off = np.abs(result["image"].data[0].numpy() - theirs[0]).max()
    return float(off), int((result["label"].data[0].numpy() != theirs[1]).sum())


def ours_epochs(samples: list[dict[str, Image]]) -> Callable[[], int]:
    crop = RandCropByPosNegLabel(KEYS, "label", [CROP] * 3, num_samples=SAMPLES)
    loader = Loader(MemoryCache(samples, crop), batch_size=BATCH, shuffle=True, num_workers=2)
    epochs: Iterator[int] = iter(range(1 << 30))
    return lambda: sum(len(batch["image"]) for batch in loader.batches(next(epochs)))


def plain_epochs(volumes: list[dict[str, torch.Tensor]]) -> Callable[[], int]:
    rng = np.random.default_rng(0)

    def epoch() -> int:
        count = 0
        for first in range(0, len(volumes), BATCH):
            parts: dict[str, list[torch.Tensor]] = {key: [] for key in KEYS}
            for voxels in volumes[first : first + BATCH]:
                for _ in range(SAMPLES):
                    start = [int(rng.integers(size - CROP + 1)) for size in SHAPE]
                    box = (slice(None), *(slice(at, at + CROP) for at in start))
                    for key in KEYS:
                        parts[key].append(voxels[key][box])
            batch = {key: torch.stack(found) for key, found in parts.items()}
            count += len(batch["image"])
        return count

    return epoch


def monai_epochs(volumes: list[dict[str, torch.Tensor]], loader: str) -> Callable[[], int]:
    crop = peer_transforms.RandCropByPosNegLabeld(KEYS, "label", [CROP] * 3, num_samples=SAMPLES)
    cached = peer_data.CacheDataset(volumes, crop, progress=False)
    served = getattr(peer_data, loader)(cached, batch_size=BATCH, shuffle=True, num_workers=0)
    return lambda: sum(len(batch["image"]) for batch in served)


def timed(ways: dict[str, Callable[[int], Any]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each way; they take turns, after one round that isn't counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way(turn)
            times[name].append(time.perf_counter() - begun)
    return {name: found[1:] for name, found in times.items()}


def told(title: str, times: dict[str, list[float]]) -> dict[str, float]:
    """Print a part and give the medians."""
    print(title)
    for name, found in times.items():
        ratios = median(found) / median(times["ours"]), min(found) / min(times["ours"])
        print(
            f"  {name:<22} {median(found) * 1000:7.1f} ms (min {min(found) * 1000:.1f}), "
            f"{ratios[0]:.2f} times ours (min {ratios[1]:.2f})"
        )
    return {name: median(found) for name, found in times.items()}


def crops(rounds: int, volumes: list[dict[str, torch.Tensor]], samples: list[dict[str, Image]]) -> dict[str, float]:
    ours = ours_bent()
    ways: dict[str, Callable[[int], Any]] = {
        "ours": lambda turn: ours(samples[0], turn),
        "scipy, whole volume": lambda turn: scipy_bent(volumes[0], turn),
        "torch, whole volume": lambda turn: torch_bent(volumes[0], turn),
        "limit: write the crop": lambda turn: limit_bent(volumes[0], turn),
    }
    if peer_transforms is not None:
        theirs = monai_bent()
        ways["MONAI"] = lambda turn: theirs(volumes[0], turn)
    shape = " x ".join(map(str, SHAPE))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    found = told(f"a crop of {CROP}^3 of a bent volume of {shape}, image and label", timed(ways, rounds))
    torch.set_num_threads(threads)
    return found


def epochs(rounds: int, volumes: list[dict[str, torch.Tensor]], samples: list[dict[str, Image]]) -> dict[str, float]:
    makers = {"ours": ours_epochs(samples), "limit: slice and stack": plain_epochs(volumes)}
    if peer_data is not None:
        makers |= {f"MONAI {name}": monai_epochs(volumes, name) for name in ("DataLoader", "ThreadDataLoader")}
    ways = {name: lambda _, way=way: way() for name, way in makers.items()}
    return told(f"an epoch of {SAMPLES} crops from each of {len(volumes)} cached volumes", timed(ways, rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--volumes", type=int, default=8, help="cached volumes of an epoch")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    volumes = [volume(seed) for seed in range(asked.volumes)]
    grid = Grid(SHAPE, np.diag([1.5, 1.5, 2.0, 1.0]))
    samples = [{key: Image(voxels[key], grid) for key in KEYS} for voxels in volumes]
    off, labels_off = difference(volumes[0], samples[0])
    print(f"the same affine map by scipy: greatest difference {off:.1e}, {labels_off} of {CROP**3} label voxels")
    figures = {"crop": crops(asked.rounds, volumes, samples), "epoch": epochs(asked.rounds, volumes, samples)}
    if asked.json:
        asked.json.write_text(json.dumps({"seconds": figures, "rounds": asked.rounds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
