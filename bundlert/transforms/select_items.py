"""SelectItems: nothing else in the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Sample, as_keys, entry_of

if TYPE_CHECKING:
    import numpy as np


class SelectItems:
    """Give a sample with some entries only.

    Args:
        keys: The entries that stay.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = as_keys(keys)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the smaller sample.

        Raises:
            DataError: An entry isn't there.
        """
        return {key: entry_of(sample, key) for key in self.keys}
