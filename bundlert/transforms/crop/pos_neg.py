"""RandCropByPosNegLabel: random parts of an image, around the labels as often as wished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.errors import DataError
from bundlert.transforms.base import Keys
from bundlert.transforms.crop.about_voxels import CropsAboutVoxels
from bundlert.transforms.crop.label_voxels import background_voxel, foreground_voxel
from bundlert.transforms.spatial.affine import Size

if TYPE_CHECKING:
    import numpy as np

    from bundlert.images.image import Image


class RandCropByPosNegLabel(CropsAboutVoxels):
    """Give `num_samples` crops; each is centred on a foreground voxel with probability pos / (pos + neg).

    Otherwise on a background voxel: label 0 and, if `image_key` is given, that image above `image_threshold`. Each
    voxel of its set is equally likely; the centre then moves so that the crop lies inside the image. Where one set is
    empty, the other is used. An image smaller than the crop is padded with zeros, an odd voxel behind. Label and
    `image_key` are resampled whole if they are pending, all other images only where a crop needs them.

    Args:
        keys: Images to crop.
        label_key: The label map; foreground is above 0.
        spatial_size: Voxels of a crop along each axis; all where it is None or <= 0.
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
        spatial_size: Size,
        pos: float = 1.0,
        neg: float = 1.0,
        *,
        num_samples: int = 1,
        image_key: str | None = None,
        image_threshold: float = 0.0,
    ) -> None:
        super().__init__(keys, (label_key, image_key), spatial_size, num_samples)
        if pos < 0 or neg < 0 or pos + neg == 0:
            raise ValueError(f"pos and neg must be >= 0 and not both 0, got {pos} and {neg}")
        self.positive = pos / (pos + neg)
        self.image_key, self.image_threshold = image_key, image_threshold

    def centre(self, images: Sequence[Image], rng: np.random.Generator) -> tuple[int, ...]:
        """Draw a voxel of the foreground or the background."""
        label, image = images[0], images[1] if len(images) > 1 else None
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
