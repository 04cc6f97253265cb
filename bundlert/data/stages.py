"""What a cache does to an item: steps whose result it keeps, a crop of what is kept, and all that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from bundlert.data.narrow import ROUNDED, narrowed_sample, widened
from bundlert.images.image import Image
from bundlert.transforms.base import Sample, SampleTransform
from bundlert.transforms.compose import Compose, as_list
from bundlert.transforms.crop.label_classes import RandCropByLabelClasses
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.crop.random_spatial import RandScaleCrop, RandSpatialCrop, RandSpatialCropSamples
from bundlert.transforms.crop.weighted import RandWeightedCrop
from bundlert.transforms.lazy import realized

if TYPE_CHECKING:
    import numpy as np

# Steps that only cut, and give the same whatever dtype holds the values. Not their subclasses, which may do more.
_CUTS = (
    *(RandCropByPosNegLabel, RandCropByLabelClasses, RandWeightedCrop),
    *(RandSpatialCrop, RandSpatialCropSamples, RandScaleCrop),
)


@dataclass(frozen=True, eq=False)
class Kept:
    """A sample as it is kept.

    Attributes:
        sample: Its images are realized and narrow.
        dtypes: Key -> the dtype that an image had, where it is another one now.
    """

    sample: Sample
    dtypes: Mapping[str, torch.dtype]

    @property
    def size_bytes(self) -> int:
        """Memory of its images."""
        return sum(entry.data.nbytes for entry in self.sample.values() if isinstance(entry, Image))


class Stages:
    """The steps of a chain, in three parts: without chance, the first random one if it only cuts, the rest.

    Cutting is done on narrow voxels, so that only crops are widened.

    Args:
        transform: The chain.
        dtype: What floats are rounded to where they are kept, `float16` or `bfloat16`; not at all if None.

    Raises:
        ValueError: Another dtype.
    """

    def __init__(self, transform: SampleTransform, dtype: str | None = None) -> None:
        rounded = None if dtype is None else getattr(torch, dtype, None)
        if rounded not in (None, *ROUNDED) or (rounded is None and dtype is not None):
            raise ValueError(f"dtype must be float16, bfloat16 or None, got '{dtype}'")
        self.rounded = rounded
        self.fixed, rest = Compose([transform]).split()
        cuts = [step for step in rest.transforms[:1] if type(step) in _CUTS]
        self._cut, self._rest = Compose(cuts), Compose(rest.transforms[len(cuts) :])

    def prepared(self, item: Sample) -> list[Kept]:
        """What an item becomes before chance comes in."""
        samples = [realized(sample) for sample in as_list(self.fixed(item))]
        return [Kept(*narrowed_sample(sample, self.rounded)) for sample in samples]

    def finished(self, kept: Sequence[Kept], rng: np.random.Generator) -> list[Sample]:
        """What it becomes then."""
        return [made for one in kept for made in self._finished(one, rng)]

    def _finished(self, kept: Kept, rng: np.random.Generator) -> list[Sample]:
        # one crop is finished before the next begins, as in the whole chain
        crops = as_list(self._cut(kept.sample, rng))
        return [made for crop in crops for made in as_list(self._rest(widened(crop, kept.dtypes), rng))]
