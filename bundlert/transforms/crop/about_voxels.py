"""What crops about drawn voxels have in common: label or weights are read, all other images only cut."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Params, RandomTransform, Sample, Samples, image_of, same_shape
from bundlert.transforms.crop.part import part, start_about
from bundlert.transforms.lazy import realize, realized
from bundlert.transforms.spatial.affine import Size, new_shape

if TYPE_CHECKING:
    import numpy as np

    from bundlert.images.image import Image


class CropsAboutVoxels(RandomTransform):
    """Give `num_samples` crops, each about a voxel that `centre` draws.

    The crop then moves so that it lies inside the image. An image smaller than the crop is padded with zeros, an odd
    voxel behind. Crops of realized images share their memory; pending ones stay so, cut to the crop.

    Args:
        keys: Images to crop.
        read: The images that `centre` reads, the first above all. They are realized.
        spatial_size: Voxels of a crop along each axis; all where it is None or <= 0.
        num_samples: Crops per sample.

    Raises:
        ValueError: num_samples < 1.
    """

    def __init__(self, keys: Keys, read: Sequence[str | None], spatial_size: Size, num_samples: int) -> None:
        super().__init__(keys)
        if num_samples < 1:
            raise ValueError(f"num_samples must be >= 1, got {num_samples}")
        self.read = [key for key in read if key is not None]
        self.spatial_size, self.num_samples = spatial_size, num_samples

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Samples:
        """Give the list of crops.

        Raises:
            DataError: The images differ in shape, or no voxel may be a centre.
        """
        same_shape(sample, list(dict.fromkeys([*self.read, *self.keys])))
        return super().__call__(realized(sample, self.read), rng)

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {"starts": the first voxel of each crop, "size": how many}; negative where the image is smaller.

        Raises:
            ValueError: `spatial_size` has another number of axes than the image.
        """
        images = [realize(image_of(sample, key)) for key in self.read]
        size = self.size_in(images[0])
        centres = [self.centre(images, rng) for _ in range(self.num_samples)]
        return {"starts": [start_about(centre, size, images[0].shape) for centre in centres], "size": list(size)}

    def apply(self, sample: Sample, params: Params) -> list[Sample]:
        """Cut the crops out."""
        return [
            {**sample, **{key: part(image_of(sample, key), start, params["size"]) for key in self.keys}}
            for start in params["starts"]
        ]

    def size_in(self, image: Image) -> tuple[int, ...]:
        """Voxels of a crop of an image along each axis."""
        if isinstance(self.spatial_size, Sequence) and len(self.spatial_size) != len(image.shape):
            asked = tuple(self.spatial_size)
            raise ValueError(f"spatial_size must have one value an axis of {image.name}, got {asked}")
        return new_shape(self.spatial_size, image.shape)

    @abstractmethod
    def centre(self, images: Sequence[Image], rng: np.random.Generator) -> tuple[int, ...]:
        """Draw a voxel of the images of `read`, which are realized."""
