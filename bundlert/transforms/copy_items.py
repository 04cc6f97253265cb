"""CopyItems: the same again under another key."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of

if TYPE_CHECKING:
    import numpy as np


class CopyItems:
    """Give a sample with copies of entries. Images, which no step changes, share their memory.

    Args:
        keys: Entries to copy.
        times: How many copies of each.
        names: Their keys: first those of a first copy of all keys, then of a second, and so on; if not given, `key_0`,
            `key_1` ...

    Raises:
        ValueError: `times` is below 1, or names aren't times x keys.
    """

    def __init__(self, keys: Keys, times: int = 1, names: Keys | None = None) -> None:
        self.keys = as_keys(keys)
        if times < 1:
            raise ValueError(f"times must be >= 1, got {times}")
        default = [f"{key}_{index}" for index in range(times) for key in self.keys]
        self.names = tuple(default) if names is None else as_keys(names)
        if len(self.names) != times * len(self.keys):
            raise ValueError(f"names must be {times * len(self.keys)}, got {list(self.names)}")

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the larger sample.

        Raises:
            DataError: An entry isn't there, or a name is taken.
        """
        new = dict(sample)
        for index, name in enumerate(self.names):
            entry = entry_of(sample, self.keys[index % len(self.keys)])
            if name in new:
                raise DataError(f"the sample has a '{name}' already", hint="give another of `names`")
            new[name] = entry if isinstance(entry, Image) else deepcopy(entry)
        return new
