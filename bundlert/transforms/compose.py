"""Transforms one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from bundlert.transforms.base import Sample, Samples, SampleTransform


class Compose:
    """Apply transforms in turn; where one gives several samples, the rest is applied to each of them.

    Args:
        transforms: The steps; a Compose among them counts as its steps.
    """

    def __init__(self, transforms: Sequence[SampleTransform]) -> None:
        self.transforms = tuple(_flat(transforms))

    @property
    def random(self) -> bool:
        """Whether any step has to do with chance."""
        return any(_is_random(transform) for transform in self.transforms)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Samples:
        """Give the sample that comes out, or the list of samples."""
        return self._run(sample, 0, rng)

    def _run(self, sample: Sample, first: int, rng: np.random.Generator | None) -> Samples:
        """Apply the steps from `first` on. One of several samples is finished before the next begins.

        So the parts of `split` draw the same numbers as the whole.
        """
        for index, transform in enumerate(self.transforms[first:], start=first):
            result = transform(sample, rng)
            if not isinstance(result, dict):
                return [new for old in result for new in as_list(self._run(old, index + 1, rng))]
            sample = result
        return sample

    def split(self) -> tuple[Compose, Compose]:
        """The steps before the first random one, whose result can be kept, and the rest."""
        chance = [_is_random(transform) for transform in self.transforms]
        first = chance.index(True) if True in chance else len(chance)
        return Compose(self.transforms[:first]), Compose(self.transforms[first:])


def as_list(samples: Samples) -> list[Sample]:
    """One sample or several as a list."""
    return [samples] if isinstance(samples, dict) else samples


def _flat(transforms: Sequence[SampleTransform]) -> list[SampleTransform]:
    steps: list[SampleTransform] = []
    for transform in transforms:
        steps.extend(transform.transforms if isinstance(transform, Compose) else [transform])
    return steps


def _is_random(transform: SampleTransform) -> bool:
    return bool(getattr(transform, "random", False))
