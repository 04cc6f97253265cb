"""Volumes, slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from bundlert.inferers.outputs import changed
from bundlert.inferers.sliding_window import SlidingWindowInferer


class SliceInferer(SlidingWindowInferer):
    """Apply a network to all slices of a volume: a 2-D network to 3-D images, one axis less in general.

    Slices of all images share groups of `sw_batch_size`. In each slice, windows of `roi_size` slide.

    Args:
        spatial_dim: The axis that slices are cut across, 0 for the first after the channel.
        roi_size: Size of the window in a slice; None or a number <= 0 for the whole axis; one number for all axes.
        options: What `SlidingWindowInferer` takes, by name.

    Shape:
        [B, C, *S] -> [B, K, *S]; the network sees [N, C, *R] with one axis less.

    Raises:
        ValueError: As `SlidingWindowInferer`; in a call, there is no such axis.
    """

    def __init__(self, spatial_dim: int = 0, roi_size: Sequence[int | None] | int = -1, **options: Any) -> None:
        super().__init__(roi_size, **options)
        self.spatial_dim = spatial_dim

    def __call__(self, network: Callable[[Tensor], Any], images: Tensor, roi_mask: Tensor | None = None) -> Any:
        """The network's result for all slices, put together to volumes; `roi_mask` [B or 1, 1, *S]."""
        if not 0 <= self.spatial_dim < images.ndim - 2 or images.ndim < 4:
            raise ValueError(f"spatial_dim {self.spatial_dim} can't be cut across in images {tuple(images.shape)}")
        axis, items = self.spatial_dim + 2, images.shape[0]
        if roi_mask is not None:
            roi_mask = _sliced(roi_mask.expand(items, *roi_mask.shape[1:]), axis)
        result = super().__call__(network, _sliced(images, axis), roi_mask)
        return changed(result, lambda part: part.view(items, -1, *part.shape[1:]).movedim(1, axis))


def _sliced(images: Tensor, axis: int) -> Tensor:
    """[B, C, *S] -> [B x slices, C, the other axes]."""
    return images.movedim(axis, 1).flatten(0, 1)
