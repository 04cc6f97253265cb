"""Steps on voxel values and labels: ours, the plain formula in numpy and scipy, MONAI where it is installed.

    python benchmarks/intensity.py [--only Gauss] [--size 192 192 96] [--rounds 7] [--threads 1] [--json intensity.json]

One volume in float32, or a label map in uint8. All take turns in one process. Random steps always happen, with drawing
where it is part of the work (noise); the limit is one pass over the voxels into fresh memory. One thread, so that a
busy machine doesn't distort the ratios.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from scipy import ndimage

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.registry.registry import load, standard

warnings.simplefilter("ignore")
Array = np.ndarray


def body(size: tuple[int, ...]) -> Array:
    """Air, tissue in ellipsoids, noise: values as of a CT, in HU."""
    rng = np.random.default_rng(0)
    places = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in size), indexing="ij", sparse=True)
    voxels = np.where(sum(place**2 for place in places) < 0.8, 40.0, -1000.0)
    voxels += 60 * ndimage.gaussian_filter(rng.normal(size=size), 3) * 10 + rng.normal(0, 12, size=size)
    return voxels.astype(np.float32)


def organs(size: tuple[int, ...]) -> Array:
    """Two organs with holes, and specks around them."""
    rng = np.random.default_rng(0)
    labels = np.zeros(size, np.uint8)
    for label, (low, high) in enumerate(((0.2, 0.5), (0.55, 0.8)), start=1):
        labels[tuple(slice(int(low * n), int(high * n)) for n in size)] = label
    specks = rng.random(size) < 0.0005
    inside = np.zeros(size, bool)
    inside[tuple(slice(int(0.1 * n), int(0.9 * n)) for n in size)] = True
    return np.where(specks & inside, np.where(labels == 0, 1, 0), labels).astype(np.uint8)


# ---- the plain formulas


def normalized(x: Array) -> Array:
    return (x - x.mean()) / x.std()


def scaled(x: Array) -> Array:
    return (x - x.min()) / (x.max() - x.min())


def percentile_scaled(x: Array) -> Array:
    low, high = np.percentile(x, (1, 99))
    return np.clip((x - low) / (high - low), 0, 1)


def bent(x: Array) -> Array:
    low, high = x.min(), x.max()
    return ((x - low) / (high - low)) ** 1.7 * (high - low) + low


def sharpened(x: Array) -> Array:
    first = ndimage.gaussian_filter(x, 1.0, mode="constant")
    return first + 10 * (first - ndimage.gaussian_filter(first, 0.5, mode="constant"))


def equalized(x: Array) -> Array:
    counts, edges = np.histogram(x, 256)
    upto = counts.cumsum()
    return np.interp(x, (edges[1:] + edges[:-1]) / 2, (upto - upto[0]) / (upto[-1] - upto[0]) * 255)


def noisy(x: Array) -> Array:
    return x + np.random.default_rng(0).normal(0, 0.1, size=x.shape).astype(np.float32)


def rician(x: Array) -> Array:
    rng = np.random.default_rng(0)
    real, imaginary = (rng.normal(0, 0.1, size=x.shape).astype(np.float32) for _ in range(2))
    return np.sqrt((x + real) ** 2 + imaginary**2)


def ringing(x: Array) -> Array:
    spectrum = np.fft.fftshift(np.fft.fftn(x))
    steps = np.ogrid[tuple(slice(-(n // 2), n - n // 2) for n in x.shape)]
    spectrum[sum(step**2 for step in steps) > (0.6 * max(x.shape) * 2**0.5 / 2) ** 2] = 0
    return np.fft.ifftn(np.fft.ifftshift(spectrum)).real


def shaded(x: Array) -> Array:
    rng = np.random.default_rng(0)
    table = rng.uniform(0, 0.1, size=(4, 4, 4))
    table[np.indices((4, 4, 4)).sum(axis=0) > 3] = 0
    return x * np.exp(np.polynomial.legendre.leggrid3d(*(np.linspace(-1, 1, n) for n in x.shape), table))


def curved(x: Array) -> Array:
    low, high = x.min(), x.max()
    return np.interp(x, np.linspace(low, high, 10), np.linspace(0, 1, 10) ** 1.3 * (high - low) + low)


def largest(labels: Array) -> Array:
    result = labels.copy()
    for label in (1, 2):
        regions, _ = ndimage.label(labels == label, np.ones((3, 3, 3)))
        sizes = np.bincount(regions.ravel())
        sizes[0] = 0
        result[(regions > 0) & (regions != sizes.argmax())] = 0
    return result


def without_specks(labels: Array) -> Array:
    result = labels.copy()
    for label in (1, 2):
        regions, _ = ndimage.label(labels == label)
        result[(np.bincount(regions.ravel()) < 64)[regions] & (regions > 0)] = 0
    return result


def filled(labels: Array) -> Array:
    result = labels.copy()
    for label in (1, 2):
        mask = labels == label
        holes = ndimage.binary_fill_holes(mask) & ~mask
        result[holes & (labels == 0)] = label
    return result


def edges(labels: Array) -> Array:
    same = ndimage.maximum_filter(labels, 3, mode="constant") == ndimage.minimum_filter(labels, 3, mode="constant")
    return np.where(same, 0, labels)


def renumbered(labels: Array) -> Array:
    return np.array([0, 2, 1, *range(3, 256)], np.uint8)[labels]


# name -> our arguments, the plain formula, what is drawn (None: no chance; {}: drawn, with chance 1)
VOXELS: dict[str, tuple[dict[str, Any], Callable[[Array], Array], dict[str, Any] | None]] = {
    "ScaleIntensity": ({}, scaled, None),
    "ScaleIntensityRangePercentiles": (
        {"lower": 1, "upper": 99, "b_min": 0, "b_max": 1, "clip": True},
        percentile_scaled,
        None,
    ),
    "NormalizeIntensity": ({}, normalized, None),
    "AdjustContrast": ({"gamma": 1.7}, bent, None),
    "GaussianSmooth": ({"sigma": 1.0}, lambda x: ndimage.gaussian_filter(x, 1.0, mode="constant"), None),
    "GaussianSharpen": ({"sigma1": 1.0, "sigma2": 0.5, "alpha": 10.0}, sharpened, None),
    "MedianSmooth": ({"radius": 1}, lambda x: ndimage.median_filter(x, 3, mode="nearest"), None),
    "HistogramNormalize": ({}, equalized, None),
    "RandGaussianNoise": ({}, noisy, {}),
    "RandRicianNoise": ({"std": 0.1}, rician, {}),
    "RandGibbsNoise": ({"alpha": [0.4, 0.4]}, ringing, {}),
    "RandBiasField": ({}, shaded, {}),
    "RandHistogramShift": ({}, curved, {}),
    "RandGaussianSmooth": (
        {f"sigma_{axis}": [1.0, 1.0] for axis in "xyz"},
        lambda x: ndimage.gaussian_filter(x, 1.0, mode="constant"),
        {},
    ),
    "RandAdjustContrast": ({"gamma": [1.7, 1.7]}, bent, {}),
}
LABELS: dict[str, tuple[dict[str, Any], Callable[[Array], Array], dict[str, Any] | None]] = {
    "KeepLargestConnectedComponent": ({}, largest, None),
    "RemoveSmallObjects": ({}, without_specks, None),
    "FillHoles": ({"connectivity": 1}, filled, None),
    "LabelToContour": ({}, edges, None),
    "MapLabelValue": ({"orig_labels": [1, 2], "target_labels": [2, 1]}, renumbered, None),
}

FLOATS_ONLY = {("MONAI", "LabelToContour")}


def ways(name: str, case: tuple[Any, ...]) -> dict[str, Callable[[Array], Any]]:
    """What to time, by who does it."""
    options, plain, drawn = case
    more = {} if drawn is None else {"prob": 1.0}
    step = load(standard().find(name))("x", **options, **more)

    def ours(data: Array) -> Any:
        image = Image(torch.from_numpy(data)[None], Grid(data.shape, np.eye(4)))
        return step({"x": image}, np.random.default_rng(0))

    found = {"ours": ours, "plain": plain, "pass": lambda data: torch.from_numpy(data) + 1}
    if not find_spec("monai"):
        return found
    theirs = getattr(import_module("monai.transforms"), f"{name}d")("x", **options, **more)
    return {**found, "MONAI": lambda data: theirs({"x": torch.from_numpy(data)[None]})}


def timed(step: str, rounds: int, data: Array, known: dict[str, Callable[[Array], Any]]) -> dict[str, float]:
    """Seconds of each, the median of rounds. All take turns, each with its own copy: some change what they get."""
    times: dict[str, list[float]] = {name: [] for name in known}
    for round_ in range(rounds + 1):
        for name, call in known.items():
            own = data.astype(np.float32 if (name, step) in FLOATS_ONLY else data.dtype)
            begun = time.perf_counter()
            call(own)
            if round_ > 0:
                times[name].append(time.perf_counter() - begun)
    return {name: median(found) for name, found in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="steps whose name has this in it")
    parser.add_argument("--size", type=int, nargs=3, default=(192, 192, 96))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    voxels, labels, figures = body(tuple(asked.size)), organs(tuple(asked.size)), {}
    print(f"{'ms':<31}{'ours':>8}{'plain':>9}{'MONAI':>9}{'pass':>7}   plain / ours, MONAI / ours, ours / pass")
    for data, cases in ((voxels, VOXELS), (labels, LABELS)):
        for name, case in cases.items():
            if asked.only not in name:
                continue
            found = timed(name, asked.rounds, data, ways(name, case))
            figures[name] = found
            ours, peer = found["ours"], found.get("MONAI", float("nan"))
            row = "".join(f"{one * 1000:{width}.1f}" for one, width in ((ours, 8), (found["plain"], 9), (peer, 9)))
            ratios = f"{found['plain'] / ours:8.1f} {peer / ours:8.1f} {ours / found['pass']:8.1f}"
            print(f"{name:<31}{row}{found['pass'] * 1000:7.1f}{ratios}")
    if asked.json:
        known = {"seconds": figures, "size": list(asked.size), "rounds": asked.rounds, "threads": asked.threads}
        asked.json.write_text(json.dumps(known, indent=2) + "\n")


if __name__ == "__main__":
    main()
