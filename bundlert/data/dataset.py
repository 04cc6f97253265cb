"""Samples, transformed when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bundlert.data.about_item import about_item
from bundlert.transforms.base import Sample, SampleTransform
from bundlert.transforms.compose import as_list


class Samples(Protocol):
    """What a loader reads from."""

    def __len__(self) -> int:
        """How many items there are."""

    def sample(self, index: int, rng: np.random.Generator) -> list[Sample]:
        """What item `index` becomes: one sample, or several random parts of it."""


class Dataset:
    """A list of samples and what is done to each.

    Args:
        data: Samples, paths in them for instance.
        transform: Applied when a sample is asked for; nothing if None.
    """

    def __init__(self, data: Sequence[Sample], transform: SampleTransform | None = None) -> None:
        self.data, self.transform = list(data), transform

    def __len__(self) -> int:
        return len(self.data)

    def sample(self, index: int, rng: np.random.Generator) -> list[Sample]:
        """Item `index`, transformed."""
        sample = self.data[index]
        with about_item(index, sample):
            return [sample] if self.transform is None else as_list(self.transform(sample, rng))
