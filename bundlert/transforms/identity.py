"""Identity: nothing, where a step must stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Sample, as_keys, entry_of

if TYPE_CHECKING:
    import numpy as np


class Identity:
    """Change nothing.

    Args:
        keys: Entries that must be there.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = as_keys(keys)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample.

        Raises:
            DataError: An entry isn't there.
        """
        for key in self.keys:
            entry_of(sample, key)
        return sample
