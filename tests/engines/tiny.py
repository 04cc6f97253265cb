"""A tiny learning problem: find the bright half of a 2-D image."""

import numpy as np
import torch
from torch import nn

from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.engines.evaluator import Evaluator
from bundlert.engines.trainer import Trainer
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.losses.dice_ce import DiceCELoss
from bundlert.metrics.dice import MeanDice
from bundlert.transforms.base import RandomTransform
from bundlert.transforms.label.as_discrete import AsDiscrete

GRID = Grid((8, 8), np.eye(3))


class Noise(RandomTransform):
    def draw(self, _sample, rng):
        return {"seed": int(rng.integers(1 << 31))}

    def apply(self, sample, params):
        noise = torch.randn(1, 8, 8, generator=torch.Generator().manual_seed(params["seed"]))
        return {**sample, "image": sample["image"].with_data(sample["image"].data + 0.1 * noise)}


def samples(count=6):
    made = []
    for number in range(count):
        label = torch.zeros(1, 8, 8, dtype=torch.uint8)
        label[:, : 3 + number % 3] = 1
        image = Image(label.float() * 2 - 1, GRID)
        made.append({"image": image, "label": Image(label, GRID), "name": f"case {number}"})
    return made


def make_loader(**options):
    return Loader(Dataset(samples(), Noise("image")), **{"batch_size": 2, "shuffle": True, "seed": 7, **options})


def make_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2), nn.Conv2d(4, 2, 1)
    )


def make_loss():
    return DiceCELoss(to_onehot_y=True, softmax=True)


def make_trainer(epochs=3, handlers=(), *, network=None, lr=0.01, loader=None, schedule=None):
    network = network or make_network()
    optimizer = torch.optim.Adam(network.parameters(), lr)
    more = [schedule(optimizer)] if schedule else []
    return Trainer(
        network,
        optimizer,
        make_loss(),
        make_loader() if loader is None else loader,
        epochs,
        handlers=[*more, *handlers],
    )


def make_evaluator(network, **options):
    defaults = {"postprocessing": AsDiscrete("pred", argmax=True), "metric": MeanDice()}
    return Evaluator(network, Loader(Dataset(samples(3))), **{**defaults, **options})


def found(figure, name="dice", *, cases=None, higher_is_better=True):
    """What an evaluator finds with one metric."""
    cases = cases or {}
    details = {"higher_is_better": higher_is_better, "classes": {}, "cases": cases}
    return {name: figure, "key_metric": name, "cases": cases, "metrics": {name: details}}


def same_weights(one, other):
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)
