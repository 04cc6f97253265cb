"""Random voxels of a label map, drawn fast again and again from the same images.

What is small is listed once per image: the foreground, a rare class. What is most of an image, the background or a
large class, is found by trying, without a list. Which way it goes depends on the image and the generator alone, never
on what was listed before, so that a draw can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable
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

# Image -> flat indices of the voxels of a class, and of the foreground by None.
_lists: WeakKeyDictionary[Image, dict[int | None, NDArray[np.integer]]] = WeakKeyDictionary()


def foreground_voxel(label: Image, rng: np.random.Generator) -> tuple[int, ...] | None:
    """A voxel whose label is above 0 in any channel, each as likely as any other; None if there is none."""
    return _drawn(_kept(label, None, lambda: (label.data > 0).any(dim=0)), label.shape, rng)


def background_voxel(
    label: Image, image: Image | None, threshold: float, rng: np.random.Generator
) -> tuple[int, ...] | None:
    """A voxel with label 0 where `image`, if given, is above `threshold`; None if there is none."""
    for _ in range(_TRIED_AT_MOST):
        tried = rng.integers(np.prod(label.shape), size=_TRIED_AT_ONCE)
        fits = _above(image, threshold, tried, (_at(label, tried) <= 0).all(dim=0))
        if fits.any():
            return _place(int(tried[int(fits.nonzero()[0])]), label.shape)
    everywhere = (label.data <= 0).all(dim=0)
    return _drawn(_listed(everywhere if image is None else everywhere & _body(image.data, threshold)), label.shape, rng)


def class_voxel(
    label: Image, index: int, image: Image | None, threshold: float, rng: np.random.Generator
) -> tuple[int, ...] | None:
    """A voxel of a class where `image`, if given, is above `threshold`, each as likely as any other; None if none.

    Args:
        label: A label map [1, *S], or a mask of each class [K, *S].
        index: The class.
        image: Says which voxels count, [C, *S]; all if None.
        threshold: They are above it in any channel.
        rng: Draws.
    """

    def of_class(data: Tensor) -> Tensor:
        return data[0] == index if data.shape[0] == 1 else data[index] > 0

    tried = rng.integers(np.prod(label.shape), size=_TRIED_AT_ONCE)
    fits = _above(image, threshold, tried, of_class(_at(label, tried)))
    if fits.any():
        return _place(int(tried[int(fits.nonzero()[0])]), label.shape)
    voxels = _kept(label, index, lambda: of_class(label.data))
    if image is not None and len(voxels) > 0:
        voxels = voxels[_body(_at(image, voxels), threshold).cpu().numpy()]
    return _drawn(voxels, label.shape, rng)


def _at(image: Image, flat: NDArray[np.integer]) -> Tensor:
    """The voxels [C, n] at flat indices; the image may be a view with any strides."""
    places = torch.from_numpy(np.stack(np.unravel_index(flat, image.shape))).to(image.data.device)
    box: tuple[slice | Tensor, ...] = (slice(None), *places.unbind())
    return image.data[box]


def _body(data: Tensor, threshold: float) -> Tensor:
    return (data > threshold).any(dim=0)


def _above(image: Image | None, threshold: float, flat: NDArray[np.integer], fits: Tensor) -> Tensor:
    """Those of the voxels that fit, [n], where the image is above the threshold."""
    return fits if image is None else fits & _body(_at(image, flat), threshold)


def _kept(label: Image, index: int | None, mask: Callable[[], Tensor]) -> NDArray[np.integer]:
    """The list of a class, made once per image."""
    known = _lists.setdefault(label, {})
    if index not in known:
        known[index] = _listed(mask())
    return known[index]


def _listed(mask: Tensor) -> NDArray[np.integer]:
    """The flat indices where a mask [*S] is true, in 4 bytes each where that is enough."""
    indices: NDArray[np.integer] = mask.flatten().nonzero().squeeze(1).cpu().numpy()
    return indices.astype(np.int32) if mask.numel() <= np.iinfo(np.int32).max else indices


def _drawn(voxels: NDArray[np.integer], shape: tuple[int, ...], rng: np.random.Generator) -> tuple[int, ...] | None:
    return _place(int(voxels[rng.integers(len(voxels))]), shape) if len(voxels) else None


def _place(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(index) for index in np.unravel_index(flat, shape))
