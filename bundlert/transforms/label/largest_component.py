"""KeepLargestConnectedComponent: the organ, without the specks around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.label.regions import (
    Array,
    Box,
    box_of,
    checked_connectivity,
    clear,
    labels_in,
    with_changed_array,
)
from bundlert.transforms.label.runs import Indices, Mask, connected_runs

if TYPE_CHECKING:
    from bundlert.images.image import Image


class KeepLargestConnectedComponent(Transform):
    """Keep the largest connected regions of labels; the others become 0. Dtypes stay.

    Of equally large regions, the first in scan order is kept.

    Args:
        keys: Label maps [1, *S], or one-hot [K, *S].
        applied_labels: Labels, or channels of one-hot, to look at; the others stay. All but 0 if not given.
        is_onehot: Whether channels are classes; if not given, whether there are several channels.
        independent: Whether each label has regions of its own, rather than all applied labels together.
        connectivity: Neighbours differ along at most so many axes; along all if not given.
        num_components: How many regions to keep.

    Raises:
        ValueError: `num_components` is below 1.
    """

    def __init__(
        self,
        keys: Keys,
        applied_labels: int | Sequence[int] | None = None,
        is_onehot: bool | None = None,
        independent: bool = True,
        *,
        connectivity: int | None = None,
        num_components: int = 1,
    ) -> None:
        super().__init__(keys)
        if num_components < 1:
            raise ValueError(f"num_components must be >= 1, got {num_components}")
        self.labels = (applied_labels,) if isinstance(applied_labels, int) else applied_labels
        self.is_onehot, self.independent = is_onehot, independent
        self.connectivity, self.num_components = connectivity, num_components

    def apply(self, image: Image) -> Image:
        """Keep the largest regions.

        Raises:
            ValueError: `connectivity` is above the number of axes, or a channel isn't there.
        """
        return with_changed_array(image, self._change)

    def _change(self, array: Array) -> None:
        connectivity = checked_connectivity(self.connectivity, array.ndim - 1)
        layers = self._layers(array)
        masks = [mask for _, mask in layers]
        if masks and not self.independent:
            masks = [np.logical_or.reduce(masks)]
        smaller = [self._smaller(mask, connectivity) for mask in masks]
        for index, (target, _) in enumerate(layers):
            box, voxels = smaller[index if self.independent else 0]
            clear(target[box], voxels)

    def _layers(self, array: Array) -> list[tuple[Array, Mask]]:
        """Where to change voxels for each label, and where the label is."""
        if len(array) > 1 if self.is_onehot is None else self.is_onehot:
            return [(array[channel], array[channel] != 0) for channel in self._channels(len(array))]
        inside = array[0][box_of(array[0]) or ()]
        return [(inside, inside == label) for label in labels_in(inside, self.labels)]

    def _channels(self, count: int) -> Sequence[int]:
        if self.labels is None:
            return range(1 if count > 1 else 0, count)
        if not all(0 <= label < count for label in self.labels):
            raise ValueError(f"applied_labels must be channels in 0..{count - 1}, got {list(self.labels)}")
        return self.labels

    def _smaller(self, mask: Mask, connectivity: int) -> tuple[Box, Indices]:
        """A box of the mask, and the voxels in it of all regions but the largest."""
        box = box_of(mask)
        if box is None:
            return (), np.zeros(0, dtype=np.int64)
        runs = connected_runs(mask[box], connectivity)
        drop = np.ones(len(runs.sizes), dtype=np.bool_)
        drop[np.argsort(-runs.sizes, kind="stable")[: self.num_components]] = False
        return box, runs.voxels_of(drop)
