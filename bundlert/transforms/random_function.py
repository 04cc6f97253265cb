"""RandLambda: a step that a function does, now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bundlert.transforms.base import Keys, Params, RandomTransform, Sample
from bundlert.transforms.function import check_overwrite, results

if TYPE_CHECKING:
    import numpy as np


class RandLambda(RandomTransform):
    """Call a function with each entry, with a probability: see Lambda. The function itself must not draw.

    Args:
        keys: Entries to change.
        func: A function of one argument: in a config an expression, `$lambda x: x * 2`.
        prob: How often it is called.
        overwrite: Whether the result takes the place of the entry; a text is the key for it instead; false drops it.

    Raises:
        ValueError: `prob` is no probability, or `overwrite` is one key for several.
    """

    def __init__(self, keys: Keys, func: Callable[[Any], Any], prob: float = 1.0, overwrite: bool | str = True) -> None:
        super().__init__(keys)
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must lie in 0..1, got {prob}")
        check_overwrite(overwrite, self.keys)
        self.func, self.prob, self.overwrite = func, prob, overwrite

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"happens": whether the function is called}."""
        return {"happens": bool(rng.random() < self.prob)}

    def apply(self, sample: Sample, params: Params) -> Sample:
        """Call the function, if so drawn."""
        return {**sample, **results(sample, self.keys, self.func, self.overwrite)} if params["happens"] else sample
