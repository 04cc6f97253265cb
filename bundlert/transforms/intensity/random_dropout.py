"""RandCoarseDropout: holes in the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.transforms.base import Keys, Params, Sample, image_of, same_shape
from bundlert.transforms.intensity.noise import drawn_seed, uniform_field
from bundlert.transforms.intensity.random_voxels import RandomVoxels
from bundlert.transforms.intensity.spread import extremes

if TYPE_CHECKING:
    from torch import Tensor


class RandCoarseDropout(RandomVoxels):
    """Fill boxes of an image with a value or with noise, at the same places for all keys. The result is float32.

    Args:
        keys: Images to change, of one shape.
        holes: Boxes, or the least number of them.
        spatial_size: Voxels of a box along each axis, one for all or one for each, or the least; at most the image.
        dropout_holes: Whether to fill the boxes, rather than all around them.
        fill_value: What to fill with: a number; (low, high) for noise between them; null for noise between the least
            and the greatest value of the image.
        max_holes: The greatest number of boxes to draw from; `holes` if not given.
        max_spatial_size: The greatest size of a box to draw from; `spatial_size` if not given.
        prob: How often anything is changed.

    Raises:
        ValueError: A number or size is below 1, or the greatest is below the least.
    """

    def __init__(
        self,
        keys: Keys,
        holes: int,
        spatial_size: int | Sequence[int],
        dropout_holes: bool = True,
        *,
        fill_value: float | Sequence[float] | None = None,
        max_holes: int | None = None,
        max_spatial_size: int | Sequence[int] | None = None,
        prob: float = 0.1,
    ) -> None:
        super().__init__(keys, prob)
        self.holes, self.max_holes = holes, holes if max_holes is None else max_holes
        if not 1 <= self.holes <= self.max_holes:
            raise ValueError(f"1 <= holes <= max_holes must hold, got {holes} and {max_holes}")
        self.size = np.array(spatial_size)
        self.max_size = self.size if max_spatial_size is None else np.array(max_spatial_size)
        if np.any(self.size < 1) or np.any(self.size > self.max_size):
            raise ValueError(f"1 <= spatial_size <= max_spatial_size must hold, got {spatial_size}, {max_spatial_size}")
        self.dropout_holes, self.fill_value = dropout_holes, fill_value

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"boxes": the first voxel and the size of each, "seed": of the noise}.

        Raises:
            DataError: The images differ in shape.
            ValueError: A size has another number of axes than the images.
        """
        same_shape(sample, self.keys)
        shape = np.array(image_of(sample, self.keys[0]).shape)
        for size in (self.size, self.max_size):
            if size.ndim and size.shape != shape.shape:
                raise ValueError(f"spatial_size must be one number or one for each of {len(shape)} axes, got {size}")
        least, most = np.minimum(self.size, shape), np.minimum(self.max_size, shape)
        boxes = []
        for _ in range(int(rng.integers(self.holes, self.max_holes + 1))):
            size = rng.integers(least, most + 1)
            boxes.append([rng.integers(0, shape - size + 1).tolist(), size.tolist()])
        return {"boxes": boxes, "seed": drawn_seed(rng)}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Fill the boxes, or all around them."""
        boxes: list[tuple[Any, ...]] = [
            (slice(None), *(slice(first, first + count) for first, count in zip(start, size, strict=True)))
            for start, size in params["boxes"]
        ]
        if self.dropout_holes:
            new = data.clone()
            for index, box in enumerate(boxes):
                new[box] = self._filling(data, new[box].shape, params["seed"] + index)
            return new
        new = self._filling(data, data.shape, params["seed"])
        for box in boxes:
            new[box] = data[box]
        return new

    def _filling(self, data: Tensor, shape: Sequence[int], seed: int) -> Tensor:
        if isinstance(self.fill_value, (int, float)):
            return data.new_full(tuple(shape), self.fill_value)
        low, high = extremes(data) if self.fill_value is None else self.fill_value
        return uniform_field(seed, shape, data.device).mul_(high - low).add_(low)
