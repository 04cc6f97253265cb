"""Surface metrics together and one by one, the area under the ROC curve, and the overlap of labels.

    python benchmarks/metrics.py [--rounds 9] [--json metrics.json]

Surfaces: Hausdorff distance, its 95th percentile, average symmetric surface distance and surface Dice of an organ in a
volume of 160 x 160 x 120 voxels, for a good prediction, a rough one, and a good one with a false island far away. Ours
in one `MetricGroup`, ours one by one, and scipy written plainly, one by one: erosion and distance maps on the common
box of both masks, and on the whole volume. The limit is one distance map of the box.

ROC AUC: ours, a loop over sorted scores, scipy's ranks; for a tenth of the scores, all pairs. The limit is sorting.
Overlap: Dice of the good masks, ours and by one-hot masks of torch; the limit is reading both masks once.

All take turns in one process with one thread; what they give is compared. MONAI takes part if it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from scipy.stats import rankdata

from bundlert.metrics.base import CaseMetric
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.group import MetricGroup
from bundlert.metrics.hausdorff import HausdorffDistance
from bundlert.metrics.ranking import roc_auc
from bundlert.metrics.surface_dice import SurfaceDice
from bundlert.metrics.surface_distance import SurfaceDistance

SHAPE, SPACING, TOLERANCE = (160, 160, 120), (1.5, 1.5, 2.0), 2.0
SCORES = 20_000
HAS_PEER = importlib.util.find_spec("monai") is not None
Mask = NDArray[np.bool_]
Values = dict[str, float]


def organ(seed: int, centre: tuple[int, ...], radii: tuple[int, ...], rough: float) -> Mask:
    """An ellipsoid with a rough surface."""
    grid = np.indices(SHAPE).astype(np.float32)
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32), 4)
    reach = sum(((axis - c) / r) ** 2 for axis, c, r in zip(grid, centre, radii, strict=True))
    return np.asarray(reach + rough * noise / noise.std() < 1)


def volumes() -> dict[str, tuple[Mask, Mask]]:
    """Predictions beside targets."""
    target = organ(0, (70, 80, 60), (32, 25, 30), 0.15)
    good = ndimage.binary_opening(target, iterations=2)
    island = good.copy()
    island[130:136, 20:26, 100:106] = True
    return {
        "good": (good, target),
        "rough": (organ(1, (71, 80, 60), (31, 26, 30), 0.15), target),
        "island": (island, target),
    }


# ---- surfaces


def our_metrics() -> dict[str, CaseMetric]:
    return {
        "hausdorff": HausdorffDistance(),
        "hausdorff 95": HausdorffDistance(percentile=95),
        "surface distance": SurfaceDistance(symmetric=True),
        "surface dice": SurfaceDice(TOLERANCE),
    }


def as_labels(mask: Mask) -> torch.Tensor:
    return torch.from_numpy(mask.astype(np.uint8))[None]


def together(prediction: Mask, target: Mask) -> Values:
    group = MetricGroup(our_metrics())
    group.update(as_labels(prediction), as_labels(target), spacing=SPACING)
    return group.compute_all()


def one_by_one(prediction: Mask, target: Mask) -> Values:
    sides = as_labels(prediction), as_labels(target)
    return {name: metric.update(*sides, spacing=SPACING) for name, metric in our_metrics().items()}


def box_of(*masks: Mask) -> tuple[slice, ...]:
    return ndimage.find_objects(np.logical_or(*masks).astype(np.uint8))[0]


def scipy_distances(prediction: Mask, target: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rims = [mask & ~ndimage.binary_erosion(mask) for mask in (prediction, target)]
    maps = [ndimage.distance_transform_edt(~rim, sampling=SPACING) for rim in rims]
    return maps[1][rims[0]], maps[0][rims[1]]


PLAIN: dict[str, Callable[..., float]] = {
    "hausdorff": lambda one, other: max(one.max(), other.max()),
    "hausdorff 95": lambda one, other: max(np.percentile(one, 95), np.percentile(other, 95)),
    "surface distance": lambda one, other: np.concatenate([one, other]).mean(),
    "surface dice": lambda one, other: np.mean(np.concatenate([one, other]) <= TOLERANCE * (1 + 1e-9)),
}


def scipy_box(prediction: Mask, target: Mask) -> Values:
    values = {}
    for name, figure in PLAIN.items():
        box = box_of(prediction, target)
        values[name] = float(figure(*scipy_distances(prediction[box], target[box])))
    return values


def scipy_whole(prediction: Mask, target: Mask) -> Values:
    return {name: float(figure(*scipy_distances(prediction, target))) for name, figure in PLAIN.items()}


def monai_surfaces(prediction: Mask, target: Mask) -> Values:
    from monai import metrics  # noqa: PLC0415 (a peer, if installed)

    sides = [torch.stack([~torch.from_numpy(mask), torch.from_numpy(mask)])[None] for mask in (prediction, target)]
    options: dict[str, Any] = {"include_background": False, "spacing": SPACING}
    return {
        "hausdorff": float(metrics.compute_hausdorff_distance(*sides, **options)),
        "hausdorff 95": float(metrics.compute_hausdorff_distance(*sides, percentile=95, **options)),
        "surface distance": float(metrics.compute_average_surface_distance(*sides, symmetric=True, **options)),
        "surface dice": float(metrics.compute_surface_dice(*sides, class_thresholds=[TOLERANCE], **options)),
    }


def distance_map(box: tuple[slice, ...], target: Mask) -> None:
    ndimage.distance_transform_edt(~target[box], sampling=SPACING)


# ---- ROC AUC


def scored() -> tuple[NDArray[np.float64], Mask]:
    rng = np.random.default_rng(0)
    positive = rng.random(SCORES) < 0.3
    return np.round(rng.normal(positive.astype(float), 1.0), 3), positive


def auc_loop(scores: NDArray[np.float64], positive: Mask) -> float:
    """Walk through the sorted items in Python; items of one score are taken together."""
    items = sorted(zip(scores.tolist(), positive.tolist(), strict=True))
    below, area, place = 0, 0.0, 0
    while place < len(items):
        ones, zeros, score = 0, 0, items[place][0]
        while place < len(items) and items[place][0] == score:
            ones, zeros = ones + items[place][1], zeros + (not items[place][1])
            place += 1
        area += ones * (below + zeros / 2)
        below += zeros
    return area / (below * (len(items) - below))


def auc_pairs(scores: NDArray[np.float64], positive: Mask) -> float:
    ones, zeros = scores[positive].tolist(), scores[~positive].tolist()
    return sum((a > b) + (a == b) / 2 for a in ones for b in zeros) / (len(ones) * len(zeros))


def auc_ranks(scores: NDArray[np.float64], positive: Mask) -> float:
    ones = int(positive.sum())
    above = rankdata(scores)[positive].sum() - ones * (ones + 1) / 2
    return float(above / (ones * (len(scores) - ones)))


def monai_auc(scores: NDArray[np.float64], positive: Mask) -> float:
    from monai import metrics  # noqa: PLC0415 (a peer, if installed)

    return float(metrics.compute_roc_auc(torch.from_numpy(scores), torch.from_numpy(positive).int()))


# ---- overlap


def dice(prediction: torch.Tensor, target: torch.Tensor) -> float:
    return MeanDice().update(prediction, target)


def dice_one_hot(prediction: torch.Tensor, target: torch.Tensor) -> float:
    one, other = (
        torch.nn.functional.one_hot(side.long(), 2).movedim(-1, 0)[1].float() for side in (prediction, target)
    )
    return float(2 * (one * other).sum() / (one.sum() + other.sum()))


def measure(ways: dict[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Median seconds of each way, taking turns, and what each gave."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    given = {}
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            given[name] = way()
            times[name].append(time.perf_counter() - begun)
    return {name: median(found) for name, found in times.items()}, given


def off(given: Any, expected: Any) -> float:
    """The greatest difference between figures."""
    if isinstance(expected, dict):
        return max(abs(given[name] - value) for name, value in expected.items())
    return abs(given - expected)


Ways = dict[str, Callable[[], Any]]


def surface_ways() -> dict[str, tuple[Ways, str]]:
    """Group -> its ways, and the one that the others are compared with."""
    groups = {}
    for name, sides in volumes().items():
        ways = {
            "ours": partial(together, *sides),
            "ours, one by one": partial(one_by_one, *sides),
            "scipy on the box": partial(scipy_box, *sides),
            "scipy on the volume": partial(scipy_whole, *sides),
            **({"MONAI": partial(monai_surfaces, *sides)} if HAS_PEER else {}),
            "limit": partial(distance_map, box_of(*sides), sides[1]),
        }
        groups[f"surfaces, {name}"] = (ways, "scipy on the volume")
    return groups


def auc_ways() -> dict[str, tuple[Ways, str]]:
    """As `surface_ways`."""
    all_of_them = scored()
    few = all_of_them[0][: SCORES // 10], all_of_them[1][: SCORES // 10]
    ways = {
        "ours": partial(roc_auc, *all_of_them),
        "a loop": partial(auc_loop, *all_of_them),
        "scipy's ranks": partial(auc_ranks, *all_of_them),
        **({"MONAI": partial(monai_auc, *all_of_them)} if HAS_PEER else {}),
        "limit": partial(np.sort, all_of_them[0]),
    }
    pairs = {"ours": partial(roc_auc, *few), "all pairs": partial(auc_pairs, *few), "limit": partial(np.sort, few[0])}
    return {f"ROC AUC of {SCORES}": (ways, "a loop"), f"ROC AUC of {SCORES // 10}": (pairs, "all pairs")}


def dice_ways() -> dict[str, tuple[Ways, str]]:
    """As `surface_ways`."""
    one, other = (as_labels(side) for side in volumes()["good"])
    ways = {
        "ours": partial(dice, one, other),
        "one-hot in torch": partial(dice_one_hot, one[0], other[0]),
        "limit": lambda: (one.sum(), other.sum()),
    }
    return {"Dice": (ways, "one-hot in torch")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    figures: dict[str, Any] = {"rounds": asked.rounds}
    for name, (ways, reference) in {**surface_ways(), **auc_ways(), **dice_ways()}.items():
        seconds, given = measure(ways, asked.rounds)
        print(name)
        for way, found in seconds.items():
            told = "" if way in ("limit", reference) else f"   off by {off(given[way], given[reference]):.0e}"
            print(f"  {way:<20} {found * 1000:9.3f} ms   {found / seconds['ours']:7.2f} x ours{told}")
        figures[name] = {"seconds": seconds, "off": off(given["ours"], given[reference])}
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
