"""DeleteItems: less in the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Sample, as_keys

if TYPE_CHECKING:
    import numpy as np


class DeleteItems:
    """Give a sample without some entries, so that their memory is free again. What isn't there needs no deleting.

    Args:
        keys: The entries that go.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = as_keys(keys)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the smaller sample."""
        return {key: entry for key, entry in sample.items() if key not in self.keys}
