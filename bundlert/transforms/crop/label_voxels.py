"""Random voxels of a label map, drawn fast again and again from the same images.

The foreground is small: its voxels are listed once per image. The background is most of an image: a voxel of it is
found by trying, without a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from bundlert.images.image import Image

_TRIED_AT_ONCE = 64
_TRIED_AT_MOST = 64

_foreground: WeakKeyDictionary[Image, NDArray[np.integer]] = WeakKeyDictionary()


def foreground_voxel(label: Image, rng: np.random.Generator) -> tuple[int, ...] | None:
    """A voxel whose label is above 0 in any channel, each as likely as any other; None if there is none."""
    voxels = _foreground.get(label)
    if voxels is None:
        voxels = _foreground[label] = _listed((label.data > 0).any(dim=0))
    return _drawn(voxels, label.shape, rng)


def background_voxel(
    label: Image, image: Image | None, threshold: float, rng: np.random.Generator
) -> tuple[int, ...] | None:
    """A voxel with label 0 where `image`, if given, is above `threshold`; None if there is none."""
    for _ in range(_TRIED_AT_MOST):
        tried = np.unravel_index(rng.integers(np.prod(label.shape), size=_TRIED_AT_ONCE), label.shape)
        at: tuple[slice | Tensor, ...] = (
            slice(None),
            *torch.from_numpy(np.stack(tried)).to(label.data.device).unbind(),
        )
        fits = _is_background(label.data[at], None if image is None else image.data[at], threshold)
        if fits.any():
            first = int(fits.nonzero()[0])
            return tuple(int(indices[first]) for indices in tried)
    everywhere = _is_background(label.data, None if image is None else image.data, threshold)
    return _drawn(_listed(everywhere), label.shape, rng)


def _is_background(label: Tensor, image: Tensor | None, threshold: float) -> Tensor:
    empty = (label <= 0).all(dim=0)
    return empty if image is None else empty & (image > threshold).any(dim=0)


def _listed(mask: Tensor) -> NDArray[np.integer]:
    """The flat indices where a mask [*S] is true, in 4 bytes each where that is enough."""
    indices: NDArray[np.integer] = mask.flatten().nonzero().squeeze(1).cpu().numpy()
    return indices.astype(np.int32) if mask.numel() <= np.iinfo(np.int32).max else indices


def _drawn(voxels: NDArray[np.integer], shape: tuple[int, ...], rng: np.random.Generator) -> tuple[int, ...] | None:
    if len(voxels) == 0:
        return None
    chosen = int(voxels[rng.integers(len(voxels))])
    return tuple(int(index) for index in np.unravel_index(chosen, shape))
