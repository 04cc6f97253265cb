"""Definitions written out, as slow as they are plain; and cases to try metrics with."""

import itertools
import math

import numpy as np
import torch
from hypothesis import strategies as st

from bundlert.metrics.average_precision import AveragePrecision
from bundlert.metrics.confusion_matrix import ConfusionMatrix
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.froc import FROC
from bundlert.metrics.hausdorff import HausdorffDistance
from bundlert.metrics.iou import MeanIoU
from bundlert.metrics.mean_absolute_error import MeanAbsoluteError
from bundlert.metrics.mean_squared_error import MeanSquaredError
from bundlert.metrics.peak_signal_to_noise_ratio import PeakSignalToNoiseRatio
from bundlert.metrics.roc_auc import ROCAUC
from bundlert.metrics.root_mean_squared_error import RootMeanSquaredError
from bundlert.metrics.ssim import SSIM
from bundlert.metrics.surface_dice import SurfaceDice
from bundlert.metrics.surface_distance import SurfaceDistance

# ---- surfaces


def surface_of(mask):
    """Voxels with a face neighbour outside the mask or outside the image, by looking at each."""
    found = []
    for place in itertools.product(*map(range, mask.shape)):
        if mask[place]:
            neighbours = [
                (*place[:axis], place[axis] + step, *place[axis + 1 :]) for axis in range(mask.ndim) for step in (-1, 1)
            ]
            inside = [all(0 <= n < size for n, size in zip(one, mask.shape, strict=True)) for one in neighbours]
            if not all(within and mask[one] for within, one in zip(inside, neighbours, strict=True)):
                found.append(place)
    return found


DISTANCES = {
    "euclidean": lambda steps: math.sqrt(sum(step * step for step in steps)),
    "taxicab": lambda steps: sum(map(abs, steps)),
    "chessboard": lambda steps: max(map(abs, steps)),
}


def distances_of(prediction, target, spacing, distance_metric="euclidean"):
    """Each surface voxel's distance to the nearest of the other side, both ways, over all pairs."""
    measure, sides = DISTANCES[distance_metric], [surface_of(prediction), surface_of(target)]

    def nearest(place, others):
        steps = ([(a - b) * s for a, b, s in zip(place, other, spacing, strict=True)] for other in others)
        return min(map(measure, steps), default=math.inf)

    return tuple([nearest(place, sides[1 - side]) for place in sides[side]] for side in (0, 1))


def percentile_of(values, rank):
    """Linear between the two values beside the rank."""
    ordered, place = sorted(values), rank / 100 * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


spacings = st.sampled_from([0.3, 0.5, 1.0, 1.25, 3.0])


@st.composite
def two_masks(draw, *, most=5, axes=(1, 2, 3)):
    """Two masks of one small shape, empty and full ones too, and a spacing."""
    shape = tuple(draw(st.lists(st.integers(1, most), min_size=min(axes), max_size=max(axes))))
    size = math.prod(shape)
    masks = [
        np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), dtype=bool).reshape(shape)
        for _ in range(2)
    ]
    return *masks, tuple(draw(spacings) for _ in shape)


def ball(shape, centre, radius, spacing=None):
    """A mask of the voxels whose centre is within a ball, in mm."""
    spacing = spacing or (1.0,) * len(shape)
    grids = np.indices(shape)
    squares = sum(((g - c) * s) ** 2 for g, c, s in zip(grids, centre, spacing, strict=True))
    return squares <= radius**2


def as_labels(mask):
    """A mask as a label map with a channel."""
    return torch.from_numpy(np.asarray(mask)).to(torch.uint8)[None]


# ---- any metric


def label_case(rng):
    shape = (1, 4, 5, 3)
    return (*(torch.from_numpy(rng.integers(0, 3, shape)) for _ in range(2)), (1.0, 2.0, 0.5))


def score_case(rng):
    scores = torch.from_numpy(rng.integers(0, 6, (3, 7)) / 4)  # with ties
    return scores, torch.from_numpy(rng.integers(0, 3, (1, 7))), None


def image_case(rng):
    return (*(torch.from_numpy(rng.random((2, 6, 7))) for _ in range(2)), None)


def slide_case(rng):
    probabilities = torch.from_numpy(rng.integers(0, 9, (1, 40, 40)) / 10) * (torch.from_numpy(rng.random(40)) > 0.9)
    mask = torch.zeros(1, 40, 40)
    mask[:, 5:12, 5:12] = mask[:, 25:30, 20:38] = 1
    return probabilities, mask * float(rng.random() > 0.3), 0.001


# Each way to average: how to make one, and a case of it by chance.
METRICS = {
    "MeanDice": (lambda: MeanDice(num_classes=3), label_case),
    "MeanIoU": (lambda: MeanIoU(num_classes=3), label_case),
    "HausdorffDistance": (lambda: HausdorffDistance(num_classes=3, percentile=95), label_case),
    "SurfaceDistance": (lambda: SurfaceDistance(num_classes=3, symmetric=True), label_case),
    "SurfaceDice": (lambda: SurfaceDice(0.5, num_classes=3), label_case),
    "ConfusionMatrix": (lambda: ConfusionMatrix("f1", num_classes=3), label_case),
    "ConfusionMatrix by case": (lambda: ConfusionMatrix("mcc", compute_sample=True, num_classes=3), label_case),
    "ROCAUC": (ROCAUC, score_case),
    "ROCAUC weighted": (lambda: ROCAUC("weighted"), score_case),
    "AveragePrecision": (lambda: AveragePrecision("micro"), score_case),
    "FROC": (lambda: FROC(2, 0, nms_prob_threshold=0.1, nms_box_size=5), slide_case),
    "MeanAbsoluteError": (MeanAbsoluteError, image_case),
    "MeanSquaredError": (MeanSquaredError, image_case),
    "RootMeanSquaredError": (RootMeanSquaredError, image_case),
    "PeakSignalToNoiseRatio": (lambda: PeakSignalToNoiseRatio(1.0), image_case),
    "SSIM": (lambda: SSIM(win_size=3), image_case),
}


def made_from(name, seeds, names=None):
    """A metric that took in the cases of some seeds."""
    make, draw = METRICS[name]
    metric = make()
    for seed, title in zip(seeds, names or [f"seed {seed}" for seed in seeds], strict=True):
        prediction, target, spacing = draw(np.random.default_rng(seed))
        metric.update(prediction, target, title, spacing=spacing)
    return metric
