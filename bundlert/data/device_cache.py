"""Everything before the first random transform, once, on the GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from bundlert.data.memory_cache import MemoryCache
from bundlert.data.stages import Kept
from bundlert.images.image import Image
from bundlert.transforms.base import Sample, SampleTransform


class DeviceCache(MemoryCache):
    """A `MemoryCache` whose images lie on a device: what follows, random crops first of all, is done there.

    No volume is copied there twice, and narrow: whole numbers in 1 or 2 bytes. On the CPU it is a `MemoryCache`.

    Args:
        data: Samples, paths in them for instance.
        transform: What is done to a sample. Its steps before the first random one are kept.
        device: `cpu`, `cuda`, `cuda:1`; the GPU if there is one, if None.
        cache_num: How many items are kept at most, the first ones; the others are prepared each time.
        cache_rate: Share of the items that is kept.
        num_workers: Threads that prepare all at once, when the dataset is made; None or 0 to wait until they are asked
            for.
        progress: Whether that is shown.
        dtype: `float16` or `bfloat16`: what other numbers are rounded to where they are kept.

    Raises:
        ValueError: A device that isn't there, a cache_rate outside 0..1, a negative number, or another dtype.
    """

    def __init__(
        self,
        data: Sequence[Sample],
        transform: SampleTransform,
        device: str | None = None,
        cache_num: int | None = None,
        cache_rate: float = 1.0,
        *,
        num_workers: int | None = None,
        progress: bool = True,
        dtype: str | None = None,
    ) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        if self.device.type == "cuda" and not torch.cuda.is_available():
            raise ValueError(f"device must be one of this machine, got '{device}', and torch sees no GPU")
        super().__init__(data, transform, cache_num, cache_rate, num_workers, progress=progress, dtype=dtype)

    def prepare(self, index: int) -> list[Kept]:
        """What item `index` becomes before chance comes in, on the device."""
        return [replace(kept, sample=self._moved(kept.sample)) for kept in super().prepare(index)]

    def _moved(self, sample: Sample) -> Sample:
        images = {key: entry for key, entry in sample.items() if isinstance(entry, Image)}
        return {**sample, **{key: image.with_data(image.data.to(self.device)) for key, image in images.items()}}

    def share(self, num_workers: int = 1) -> None:
        """Prepare all items, and keep them in memory that other processes can share.

        Raises:
            TypeError: They lie on a GPU.
        """
        self.__getstate__()
        super().share(num_workers)

    def __getstate__(self) -> dict[str, Any]:
        if self.device.type != "cpu":
            raise TypeError(f"what lies on {self.device} can't leave its process")
        return vars(self)
