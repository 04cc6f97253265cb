"""RandSpatialCrop, RandSpatialCropSamples, RandScaleCrop: boxes of chance, wherever they lie."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params, RandomTransform, Sample, Samples, image_of, same_shape
from bundlert.transforms.crop.center import at_most, checked_scale, scaled
from bundlert.transforms.crop.part import part, start_amid
from bundlert.transforms.spatial.affine import Size, new_shape

if TYPE_CHECKING:
    import numpy as np

Scale = float | Sequence[float]
Sizes = tuple[int, ...]


class _RandomBox(RandomTransform):
    """Crop all images to one box of chance.

    Args:
        keys: Images to crop, of one shape.
        random_center: Whether the box lies anywhere in the image, else in the middle.
        random_size: Whether its size is drawn, too.
    """

    def __init__(self, keys: Keys, *, random_center: bool, random_size: bool) -> None:
        super().__init__(keys)
        self.random_center, self.random_size = random_center, random_size

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"start": the first voxel, "size": how many}, along each axis.

        Raises:
            DataError: The images differ in shape.
            ValueError: Sizes for another number of axes, or the largest is less than the least.
        """
        same_shape(sample, self.keys)
        return self.box(image_of(sample, self.keys[0]).shape, rng)

    def apply(self, sample: Sample, params: Params) -> Samples:
        """Cut the box out; the crops of realized images share their memory."""
        return _cut(sample, self.keys, params)

    def box(self, shape: Sizes, rng: np.random.Generator) -> Params:
        """Draw a box in an image of `shape`."""
        least, most = self.limits(shape)
        if any(low > high for low, high in zip(least, most, strict=True)):
            raise ValueError(f"the largest crop must not be smaller than the least, got {most} and {least}")
        size = [int(rng.integers(low, high + 1)) for low, high in zip(least, most, strict=True)]
        size = size if self.random_size else list(least)
        if not self.random_center:
            return {"start": start_amid(size, shape), "size": size}
        return {"start": [int(rng.integers(room - n + 1)) for room, n in zip(shape, size, strict=True)], "size": size}

    @abstractmethod
    def limits(self, shape: Sizes) -> tuple[Sizes, Sizes]:
        """The least and the largest box in an image of `shape`; the least is also the one of no chance."""


class RandSpatialCrop(_RandomBox):
    """Crop all images to one box of chance.

    Args:
        keys: Images to crop, of one shape.
        roi_size: Voxels along each axis, one number or one for each, the least if `random_size`; all of them where it
            is None, <= 0 or more than there are.
        max_roi_size: The most voxels if `random_size`; all if None.
        random_center: Whether the box lies anywhere in the image, each place as likely as any other; else in the
            middle.
        random_size: Whether the size is drawn, too.
    """

    def __init__(
        self,
        keys: Keys,
        roi_size: Size,
        max_roi_size: Size = None,
        *,
        random_center: bool = True,
        random_size: bool = False,
    ) -> None:
        super().__init__(keys, random_center=random_center, random_size=random_size)
        self.roi_size, self.max_roi_size = roi_size, max_roi_size

    def limits(self, shape: Sizes) -> tuple[Sizes, Sizes]:
        """The sizes asked for."""
        least, most = ((self.roi_size, "roi_size"), (self.max_roi_size, "max_roi_size"))
        found = [at_most(new_shape(size, shape, name=name), shape) for size, name in (least, most)]
        return found[0], found[1]


class RandSpatialCropSamples(RandSpatialCrop):
    """Give `num_samples` crops, each by a box of chance.

    Args:
        keys: Images to crop, of one shape.
        roi_size: As in `RandSpatialCrop`.
        num_samples: Crops per sample.
        max_roi_size: As in `RandSpatialCrop`.
        random_center: As in `RandSpatialCrop`.
        random_size: As in `RandSpatialCrop`.

    Raises:
        ValueError: num_samples < 1.
    """

    def __init__(
        self,
        keys: Keys,
        roi_size: Size,
        num_samples: int,
        max_roi_size: Size = None,
        *,
        random_center: bool = True,
        random_size: bool = False,
    ) -> None:
        super().__init__(keys, roi_size, max_roi_size, random_center=random_center, random_size=random_size)
        if num_samples < 1:
            raise ValueError(f"num_samples must be >= 1, got {num_samples}")
        self.num_samples = num_samples

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"crops": a box for each}."""
        return {"crops": [super(RandSpatialCropSamples, self).draw(sample, rng) for _ in range(self.num_samples)]}

    def apply(self, sample: Sample, params: Params) -> Samples:
        """Cut the boxes out."""
        return [_cut(sample, self.keys, box) for box in params["crops"]]


class RandScaleCrop(_RandomBox):
    """Crop all images to one box of chance whose size is a share of theirs.

    Args:
        keys: Images to crop, of one shape.
        roi_scale: The share of each axis, one or one for each, the least if `random_size`; `ceil(share * n)` voxels.
        max_roi_scale: The largest share if `random_size`; all if None.
        random_center: Whether the box lies anywhere in the image, each place as likely as any other; else in the
            middle.
        random_size: Whether the size is drawn, too.

    Raises:
        ValueError: A share <= 0.
    """

    def __init__(
        self,
        keys: Keys,
        roi_scale: Scale,
        max_roi_scale: Scale | None = None,
        *,
        random_center: bool = True,
        random_size: bool = False,
    ) -> None:
        super().__init__(keys, random_center=random_center, random_size=random_size)
        self.roi_scale = checked_scale("roi_scale", roi_scale)
        self.max_roi_scale = None if max_roi_scale is None else checked_scale("max_roi_scale", max_roi_scale)

    def limits(self, shape: Sizes) -> tuple[Sizes, Sizes]:
        """The shares in voxels."""
        most = 1.0 if self.max_roi_scale is None else self.max_roi_scale
        return scaled("roi_scale", self.roi_scale, shape), scaled("max_roi_scale", most, shape)


def _cut(sample: Sample, keys: Sequence[str], box: Params) -> Sample:
    return {**sample, **{key: part(image_of(sample, key), box["start"], box["size"]) for key in keys}}
