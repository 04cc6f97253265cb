"""Voxels in the least memory that holds their values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from bundlert.images.image import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from bundlert.transforms.base import Sample

ROUNDED = (torch.float16, torch.bfloat16)
"""What values may be rounded to, if that is asked for."""
_EXACT = (torch.uint8, torch.int16)
_LOOKED_AT = 16  # along each axis


def narrowed(data: Tensor, rounded: torch.dtype | None = None) -> Tensor:
    """The same values in a dtype of fewer bytes, in one piece of memory of their own.

    Whole numbers become uint8 or int16 where these hold all of them; all is equal then, bit by bit but for the sign of
    a zero. Other floats stay as they are, or are rounded.

    Args:
        data: Any shape, dtype and strides; it stays as it is.
        rounded: float16 for instance: what other floats become if none of them is beyond its range.
    """
    found = _exact(data)
    if found is None and rounded is not None and data.is_floating_point() and data.element_size() > rounded.itemsize:
        found = data.to(rounded) if _fits(data, torch.finfo(rounded)) else None
    return _alone(data if found is None else found)


def narrowed_sample(sample: Sample, rounded: torch.dtype | None = None) -> tuple[Sample, dict[str, torch.dtype]]:
    """A sample with its images narrowed, and the dtype of each that had another one.

    Images must have been realized.
    """
    images = {key: entry for key, entry in sample.items() if isinstance(entry, Image)}
    made = {key: image.with_data(narrowed(image.data, rounded)) for key, image in images.items()}
    return {**sample, **made}, {
        key: image.data.dtype for key, image in images.items() if image.data.dtype != made[key].data.dtype
    }


def widened(sample: Sample, dtypes: Mapping[str, torch.dtype]) -> Sample:
    """A sample with images in the dtypes that they had. What is pending stays so."""
    images = {key: sample[key] for key in dtypes if isinstance(sample.get(key), Image)}
    return {**sample, **{key: replace(image, data=image.data.to(dtypes[key])) for key, image in images.items()}}


def _exact(data: Tensor) -> Tensor | None:
    """The values in an integer dtype of fewer bytes; None if none holds them."""
    if data.numel() == 0 or data.dtype == torch.bool or data.is_complex():
        return None
    if data.is_floating_point() and not _may_be_whole(data):
        return None
    for dtype in _EXACT:
        if data.element_size() > dtype.itemsize and _fits(data, torch.iinfo(dtype)):
            found = data.to(dtype)
            return found if not data.is_floating_point() or torch.equal(found.to(data.dtype), data) else None
    return None


def _fits(data: Tensor, limits: torch.iinfo | torch.finfo) -> bool:
    """Whether all values lie within limits; NaN does not."""
    low, high = (float(end) for end in torch.aminmax(data))
    return limits.min <= low and high <= limits.max


def _may_be_whole(data: Tensor) -> bool:
    """Whether a few voxels are whole numbers: those of most images with other values aren't."""
    some = data[tuple(slice(None, None, max(size // _LOOKED_AT, 1)) for size in data.shape)]
    return bool((some == some.round()).all())


def _alone(data: Tensor) -> Tensor:
    """In C order, and without anything else in the same piece of memory."""
    held, needed = data.untyped_storage().nbytes(), data.numel() * data.element_size()
    return data.clone(memory_format=torch.contiguous_format) if held > needed else data.contiguous()
