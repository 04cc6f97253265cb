"""RandCropByLabelClasses: random parts of an image, around each class as often as wished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bundlert.errors import DataError
from bundlert.transforms.base import Keys
from bundlert.transforms.crop.about_voxels import CropsAboutVoxels
from bundlert.transforms.crop.label_voxels import class_voxel
from bundlert.transforms.spatial.affine import Size

if TYPE_CHECKING:
    from bundlert.images.image import Image


class RandCropByLabelClasses(CropsAboutVoxels):
    """Give `num_samples` crops, each centred on a voxel of a class that is drawn first.

    Each voxel of the class is equally likely; the centre then moves so that the crop lies inside the image. A class
    without voxels counts as one of ratio 0. An image smaller than the crop is padded with zeros, an odd voxel behind.
    Label and `image_key` are resampled whole if they are pending, all other images only where a crop needs them.

    Args:
        keys: Images to crop.
        label_key: The label map [1, *S], or a mask of each class [K, *S].
        spatial_size: Voxels of a crop along each axis; all where it is None or <= 0.
        ratios: How often each class is taken in proportion to the others, the background first; all alike if None.
        num_classes: Classes of a label map, with the background; as many as `ratios` if None.
        num_samples: Crops per sample.
        image_key: The image that tells the body from the air.
        image_threshold: A centre must be above it.

    Raises:
        ValueError: Negative ratios, none above 0, or not as many as classes.
    """

    def __init__(
        self,
        keys: Keys,
        label_key: str,
        spatial_size: Size,
        ratios: Sequence[float] | None = None,
        num_classes: int | None = None,
        *,
        num_samples: int = 1,
        image_key: str | None = None,
        image_threshold: float = 0.0,
    ) -> None:
        super().__init__(keys, (label_key, image_key), spatial_size, num_samples)
        if ratios is not None and (min(ratios, default=0) < 0 or sum(ratios) <= 0):
            raise ValueError(f"ratios must be >= 0 and not all 0, got {list(ratios)}")
        if ratios is not None and num_classes not in (None, len(ratios)):
            raise ValueError(f"ratios must have a value for each of {num_classes} classes, got {list(ratios)}")
        self.ratios = None if ratios is None else [float(one) for one in ratios]
        self.num_classes = num_classes if ratios is None else len(ratios)
        self.image_threshold = image_threshold

    def centre(self, images: Sequence[Image], rng: np.random.Generator) -> tuple[int, ...]:
        """Draw a class, then a voxel of it; another class where it has none."""
        label, image = images[0], images[1] if len(images) > 1 else None
        weights = self._weights(label)
        while weights.sum() > 0:
            index = int(rng.choice(len(weights), p=weights / weights.sum()))
            voxel = class_voxel(label, index, image, self.image_threshold, rng)
            if voxel is not None:
                return voxel
            weights[index] = 0
        raise DataError(
            f"label {label.name} has no voxel to crop around",
            got=f"none of {len(weights)} classes" + ("" if image is None else " in the body"),
            expected="a voxel of a class whose ratio is above 0",
        )

    def _weights(self, label: Image) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The ratio of each class."""
        masks = label.data.shape[0]
        count = masks if masks > 1 else self.num_classes
        if count is None:
            raise ValueError(f"num_classes or ratios must be given for a label map, got neither for {label.name}")
        ratios = [1.0] * count if self.ratios is None else self.ratios
        if len(ratios) != count:
            raise ValueError(f"ratios must have a value for each of {count} classes of {label.name}, got {ratios}")
        return np.array(ratios)
