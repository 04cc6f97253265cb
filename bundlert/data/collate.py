"""Samples side by side in one tensor a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from bundlert.data.buffers import Buffers
from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.transforms.base import Sample
from bundlert.transforms.lazy import realized


@dataclass(frozen=True)
class Batch:
    """Several samples.

    Attributes:
        tensors: [B, C, *S] for each key that holds images.
        samples: The samples themselves, with everything that is no image.
    """

    tensors: dict[str, Tensor]
    samples: list[Sample]

    def __getitem__(self, key: str) -> Tensor:
        """The tensor of a key.

        Raises:
            DataError: No image has this key.
        """
        if key not in self.tensors:
            raise DataError(f"the batch has no images called '{key}'", got=", ".join(self.tensors))
        return self.tensors[key]

    def __len__(self) -> int:
        return len(self.samples)


def collate(samples: Sequence[Sample], buffers: Buffers | None = None) -> Batch:
    """A batch of samples.

    Args:
        samples: At least one.
        buffers: Where memory for the batch comes from; from the system if None.

    Raises:
        DataError: The images of a key differ in shape.
    """
    whole = [realized(sample) for sample in samples]
    keys = [key for key, value in whole[0].items() if isinstance(value, Image)]
    return Batch({key: _stacked(key, [sample[key] for sample in whole], buffers) for key in keys}, whole)


def _stacked(key: str, images: list[Image], buffers: Buffers | None) -> Tensor:
    shapes = {tuple(image.data.shape) for image in images}
    if len(shapes) > 1:
        found = "; ".join(f"{tuple(image.data.shape)} of {image.name}" for image in images)
        raise DataError(
            f"images of different shapes can't form one batch of '{key}'",
            got=found,
            expected="one shape",
            hint="crop or pad them, or use batch_size 1",
        )
    first, dtype = images[0].data, reduce(torch.promote_types, (image.data.dtype for image in images))
    shape = (len(images), *first.shape)
    if buffers is None or first.device.type != "cpu":
        batch = torch.empty(shape, dtype=dtype, device=first.device)
    else:
        batch = buffers.empty(shape, dtype)
    # A crop is a view into a volume, and a file's voxels lie in Fortran order: the copy puts both straight.
    for place, image in zip(batch, images, strict=True):
        place.copy_(image.data)
    return batch
