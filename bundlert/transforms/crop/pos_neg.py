"""RandCropByPosNegLabel: random parts of an image, around the labels as often as wished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Params, RandomTransform, Sample, Samples, image_of, same_shape
from bundlert.transforms.crop.label_voxels import background_voxel, foreground_voxel
from bundlert.transforms.lazy import realize, realized, wish

if TYPE_CHECKING:
    import numpy as np

    from bundlert.images.image import Image


class RandCropByPosNegLabel(RandomTransform):
    """Give `num_samples` crops; each is centred on a foreground voxel with probability pos / (pos + neg).

    Otherwise on a background voxel: label 0 and, if `image_key` is given, that image above `image_threshold`. Each
    voxel of its set is equally likely; the centre then moves so that the crop lies inside the image. Where one set is
    empty, the other is used. An image smaller than the crop is padded with zeros, an odd voxel behind.

    Args:
        keys: Images to crop.
        label_key: The label map; foreground is above 0.
        spatial_size: Voxels of a crop along each axis.
        pos: Weight of foreground centres.
        neg: Weight of background centres.
        num_samples: Crops per sample.
        image_key: The image that tells the body from the air.
        image_threshold: The body is above it.

    Raises:
        ValueError: Negative or no weights, or nothing to crop.
    """

    def __init__(
        self,
        keys: Keys,
        label_key: str,
        spatial_size: Sequence[int],
        pos: float = 1.0,
        neg: float = 1.0,
        *,
        num_samples: int = 1,
        image_key: str | None = None,
        image_threshold: float = 0.0,
    ) -> None:
        super().__init__(keys)
        if pos < 0 or neg < 0 or pos + neg == 0:
            raise ValueError(f"pos and neg must be >= 0 and not both 0, got {pos} and {neg}")
        self.spatial_size = tuple(int(size) for size in spatial_size)
        if num_samples < 1 or min(self.spatial_size) < 1:
            raise ValueError(f"num_samples and spatial_size must be >= 1, got {num_samples} and {self.spatial_size}")
        self.label_key = label_key
        self.positive = pos / (pos + neg)
        self.num_samples = num_samples
        self.image_key, self.image_threshold = image_key, image_threshold

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Samples:
        """Give the list of crops; they share the memory of the images.

        Raises:
            DataError: The images differ in shape, or no voxel may be a centre.
        """
        keys = {*self.keys, self.label_key, *([self.image_key] if self.image_key else [])}
        same_shape(sample, sorted(keys))
        return super().__call__(realized(sample, sorted(keys)), rng)

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"starts": the first voxel of each crop}; negative where the image is smaller than the crop.

        Raises:
            ValueError: `spatial_size` has another number of axes than the image.
        """
        label = image_of(sample, self.label_key)
        if len(self.spatial_size) != len(label.shape):
            raise ValueError(f"spatial_size must have one value an axis of {label.name}, got {self.spatial_size}")
        image = image_of(sample, self.image_key) if self.image_key else None
        centres = [self._centre(label, image, rng) for _ in range(self.num_samples)]
        return {"starts": [self._start(centre, label.shape) for centre in centres]}

    def apply(self, sample: Sample, params: Params) -> list[Sample]:
        """Cut the crops out."""
        return [
            {**sample, **{key: _part(realize(image_of(sample, key)), start, self.spatial_size) for key in self.keys}}
            for start in params["starts"]
        ]

    def _centre(self, label: Image, image: Image | None, rng: np.random.Generator) -> tuple[int, ...]:
        positive = rng.random() < self.positive
        for foreground in (positive, not positive):
            voxel = (
                foreground_voxel(label, rng)
                if foreground
                else background_voxel(label, image, self.image_threshold, rng)
            )
            if voxel is not None:
                return voxel
        raise DataError(
            f"label {label.name} has no voxel to crop around",
            got="no label above 0, and no background in the body",
            expected=f"'{self.image_key}' above {self.image_threshold:g} somewhere",
        )

    def _start(self, centre: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
        start = []
        for place, size, room in zip(centre, self.spatial_size, shape, strict=True):
            spare = room - size
            start.append(min(max(place - size // 2, 0), spare) if spare >= 0 else -(-spare // 2))
        return start


def _part(image: Image, start: Sequence[int], size: tuple[int, ...]) -> Image:
    """A part of a realized image: a view if it lies inside, else padded with zeros."""
    grid = image.grid.cropped(start, size)
    stop = [first + count for first, count in zip(start, size, strict=True)]
    if min(start) < 0 or any(last > room for last, room in zip(stop, image.shape, strict=True)):
        return realize(wish(image, grid, padding="zeros"))
    box = tuple(slice(first, last) for first, last in zip(start, stop, strict=True))
    return replace(image, data=image.data[(slice(None), *box)], grid=grid)
