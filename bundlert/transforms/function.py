"""Lambda: a step that a function does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from bundlert.images.image import Image
from bundlert.transforms.base import Keys, Sample, as_keys, entry_of
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np


class Lambda:
    """Call a function with each entry; of an image with a copy of its voxels [C, *S], as a tensor.

    A tensor [K, *S] on the same voxels becomes an image there; anything else is kept as it is.

    Args:
        keys: Entries to change.
        func: A function of one argument: in a config an expression, `$lambda x: x * 2`.
        overwrite: Whether the result takes the place of the entry; a text is the key for it instead; false drops it.

    Raises:
        ValueError: `overwrite` is one key for several.
    """

    def __init__(self, keys: Keys, func: Callable[[Any], Any], overwrite: bool | str = True) -> None:
        self.keys, self.func, self.overwrite = as_keys(keys), func, overwrite
        check_overwrite(overwrite, self.keys)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the results."""
        return {**sample, **results(sample, self.keys, self.func, self.overwrite)}


def results(sample: Sample, keys: tuple[str, ...], func: Callable[[Any], Any], overwrite: bool | str) -> dict[str, Any]:
    """What a function makes of entries, by the key to put it at."""
    made = {key: _called(func, entry_of(sample, key)) for key in keys}
    if isinstance(overwrite, str):
        return {overwrite: made[keys[0]]}
    return made if overwrite else {}


def check_overwrite(overwrite: bool | str, keys: tuple[str, ...]) -> None:
    """Make sure that results don't take each other's place.

    Raises:
        ValueError: They would.
    """
    if isinstance(overwrite, str) and len(keys) > 1:
        raise ValueError(f"overwrite must be true or false for several keys, got '{overwrite}'")


def _called(func: Callable[[Any], Any], entry: Any) -> Any:
    if not isinstance(entry, Image):
        return func(entry)
    image = realize(entry)
    result = func(image.data.clone())
    same = isinstance(result, torch.Tensor) and result.ndim == image.data.ndim and result.shape[1:] == image.grid.shape
    return image.with_data(result) if same else result
