"""Small items and steps that any process can import."""

import time
from pathlib import Path

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.base import RandomTransform, Transform
from bundlert.transforms.lazy import realize

GRID = Grid((6, 5, 4), np.diag([-1.0, 1, 2, 1]))


def volume(value=0.5):
    """Voxels that are no whole numbers."""
    return Image(torch.arange(120.0).reshape(1, 6, 5, 4) / 7 + value, GRID)


def label():
    return Image((torch.arange(120).reshape(1, 6, 5, 4) % 9 == 0).to(torch.uint8), GRID)


def items(count):
    return [{"image": volume(number), "label": label(), "name": f"case {number}"} for number in range(count)]


def rng(*key):
    return np.random.default_rng(key)


def names(batches):
    return [[sample["name"] for sample in batch.samples] for batch in batches]


class Brighter(Transform):
    """A step without chance."""

    def __init__(self, by=1.0):
        super().__init__("image")
        self.by = by

    def apply(self, image):
        return realize(image).with_data(realize(image).data + self.by)


class Noted:
    """A step without chance that writes into a file whenever it is done, and may take its time."""

    def __init__(self, file, sleep_s=0.0):
        self.file, self.sleep_s = str(file), sleep_s

    def __call__(self, sample, _rng=None):
        with Path(self.file).open("a") as opened:
            opened.write(f"{sample['name']}\n")
        time.sleep(self.sleep_s)
        return sample

    def seen(self):
        return Path(self.file).read_text().splitlines() if Path(self.file).exists() else []


class Noise(RandomTransform):
    """Chance, and sums whose last bits depend on the order of adding."""

    def __init__(self):
        super().__init__("image")

    def draw(self, _sample, rng):
        return {"by": float(rng.normal())}

    def apply(self, sample, params):
        image = realize(sample["image"])
        data = image.data.contiguous()
        return {**sample, "image": image.with_data((data - data.mean()) / data.std() + params["by"])}


class Broken:
    """A step that fails for one case."""

    random = True

    def __init__(self, name, error="data"):
        self.name, self.error = name, error

    def __call__(self, sample, _rng=None):
        if sample["name"] == self.name:
            raise DataError("this one is damaged") if self.error == "data" else RuntimeError("oh no")
        return sample
