"""What steps on label maps share: a copy to change, and the box around what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bundlert.images.image import Image
from bundlert.transforms.label.runs import Indices
from bundlert.transforms.lazy import realize

Array = NDArray[Any]
Box = tuple[slice, ...]


def with_changed_array(image: Image, change: Callable[[Array], None]) -> Image:
    """The image with what `change` does in place to a copy of its voxels [C, *S]; dtype and device stay."""
    image = realize(image)
    array = image.data.cpu().numpy().copy(order="K")  # memory stays as it lies, or else copying takes most of the time
    change(array)
    return image.with_data(torch.from_numpy(array).to(image.data.device))


def box_of(array: Array) -> Box | None:
    """The smallest box around all values of [*S] that aren't 0; None if there are none."""
    box: list[slice] = []
    for axis in range(array.ndim):
        others = tuple(other for other in range(array.ndim) if other != axis)
        found = np.flatnonzero(array[tuple(box)].any(axis=others))
        if len(found) == 0:
            return None
        box.append(slice(int(found[0]), int(found[-1]) + 1))
    return tuple(box)


def labels_in(array: Array, only: Iterable[float] | None = None) -> list[float]:
    """The labels other than 0 of an array, in order; if `only` is given, those of them that are among it."""
    found = np.flatnonzero(np.bincount(array.ravel(order="K"))) if array.dtype == np.uint8 else np.unique(array)
    return [label for label in found.tolist() if label != 0 and (only is None or label in set(only))]


def checked_connectivity(connectivity: int | None, axes: int) -> int:
    """Along how many axes neighbours may differ; along all if None is given.

    Raises:
        ValueError: `connectivity` isn't in 1..axes.
    """
    if connectivity is not None and not 1 <= connectivity <= axes:
        raise ValueError(f"connectivity must lie in 1..{axes} for {axes} axes, got {connectivity}")
    return connectivity or axes


def clear(array: Array, voxels: Indices) -> None:
    """Make some voxels of [*S], given by their flat indices, 0."""
    array[np.unravel_index(voxels, array.shape)] = 0
