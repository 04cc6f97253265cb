"""RandElastic, GridDistortion, RandGridDistortion: bent images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from bundlert.images.image import Bend
from bundlert.transforms.base import Keys, Params, RandomTransform, Sample, image_of, same_shape
from bundlert.transforms.lazy import wish
from bundlert.transforms.spatial.affine import RandAffine, Ranges, Size, new_shape
from bundlert.transforms.spatial.moving import Mode, Padding, Resampling, checked_prob, one_per_axis

if TYPE_CHECKING:
    from bundlert.images.grid import Grid

Offsets = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
_POINTS_PER_SIGMA = 2  # the offsets are so smooth that no more points are needed


class RandElastic(RandomTransform):
    """Bend images by smooth offsets of chance, after an affine map of chance; all images alike.

    The offset along each axis is uniform noise in -1..1 at each voxel, smoothed by a Gaussian of `sigma` voxels and
    multiplied by a magnitude. It is made at two points per sigma and interpolated between them. Source: Simard et
    al., ICDAR 2003.

    Args:
        keys: Images to bend, of one shape.
        sigma_range: The least and the largest sigma, in voxels.
        magnitude_range: The least and the largest magnitude, in voxels.
        spatial_size: The new shape, whatever happens; the old one where it is None or <= 0.
        prob: How likely that is.
        rotate_range: As in `RandAffine`.
        shear_range: As in `RandAffine`.
        translate_range: As in `RandAffine`.
        scale_range: As in `RandAffine`.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.

    Raises:
        ValueError: A range that isn't one, or a sigma <= 0.
    """

    def __init__(
        self,
        keys: Keys,
        sigma_range: Sequence[float],
        magnitude_range: Sequence[float],
        spatial_size: Size = None,
        *,
        prob: float = 0.1,
        rotate_range: Ranges = None,
        shear_range: Ranges = None,
        translate_range: Ranges = None,
        scale_range: Ranges = None,
        mode: Mode = "bilinear",
        padding_mode: Padding = "reflection",
    ) -> None:
        super().__init__(keys)
        self.sigma_range = _range("sigma_range", sigma_range)
        if self.sigma_range[0] == 0:
            raise ValueError(f"sigma_range must be > 0, got {tuple(sigma_range)}")
        self.magnitude_range = _range("magnitude_range", magnitude_range)
        self.affine = RandAffine(
            keys,
            prob,
            rotate_range=rotate_range,
            shear_range=shear_range,
            translate_range=translate_range,
            scale_range=scale_range,
            spatial_size=spatial_size,
            mode=mode,
            padding_mode=padding_mode,
        )

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {} where nothing happens; else the affine map and, unless only the shape changes, what bends."""
        if rng.random() >= self.affine.prob:
            return {} if self.affine.spatial_size is None else {"affine": {}}
        return {
            "affine": self.affine.choose(len(image_of(sample, self.keys[0]).shape), rng),
            "sigma": float(rng.uniform(*self.sigma_range)),
            "magnitude": float(rng.uniform(*self.magnitude_range)),
            "seed": int(rng.integers(2**31)),
        }

    def apply(self, sample: Sample, params: Params) -> Sample:
        """Wish for the bent grids."""
        if not params:
            return sample
        same_shape(sample, self.keys)
        offsets = None
        if "seed" in params:
            shape = new_shape(self.affine.spatial_size, image_of(sample, self.keys[0]).shape)
            offsets = smooth_offsets(shape, params["sigma"], params["magnitude"], params["seed"])
        return _bent(sample, self.affine.resampling, offsets, lambda grid: self.affine.grid_of(grid, params["affine"]))


class GridDistortion:
    """Stretch and squeeze cells of a grid along each axis.

    Args:
        keys: Images to bend.
        num_cells: Cells along each axis, one number or one for each.
        distort_steps: For each axis the size of each cell's source, 1 for as it is.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.

    Raises:
        ValueError: Not one step for each cell.
    """

    def __init__(
        self,
        keys: Keys,
        num_cells: int | Sequence[int],
        distort_steps: Sequence[Sequence[float]],
        *,
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        self.resampling = Resampling(keys, mode, padding_mode)
        self.keys = self.resampling.keys
        cells = one_per_axis("num_cells", num_cells, len(distort_steps))
        if any(len(steps) < count for steps, count in zip(distort_steps, cells, strict=True)):
            raise ValueError(f"distort_steps must have a value for each of {cells} cells, got {distort_steps}")
        self.steps = [list(steps)[: int(count)] for steps, count in zip(distort_steps, cells, strict=True)]

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Wish for the bent grids."""
        return _distorted(sample, self.resampling, self.steps)


class RandGridDistortion(RandomTransform):
    """A `GridDistortion` of chance, all images alike.

    Args:
        keys: Images to bend, of one shape.
        num_cells: Cells along each axis, one number or one for each.
        prob: How likely that is.
        distort_limit: The range of what is added to the step 1; one number `r` stands for -r..r.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `reflection`, `zeros` or a value; one, or one per key.

    Raises:
        ValueError: A prob outside 0..1, or steps that may turn around.
    """

    def __init__(
        self,
        keys: Keys,
        num_cells: int | Sequence[int] = 5,
        *,
        prob: float = 0.1,
        distort_limit: float | Sequence[float] = (-0.03, 0.03),
        mode: Mode = "bilinear",
        padding_mode: Padding = "border",
    ) -> None:
        super().__init__(keys)
        low, high = distort_limit if isinstance(distort_limit, Sequence) else (-distort_limit, distort_limit)
        if not -1 < min(low, high) <= max(low, high) < 1:
            raise ValueError(f"distort_limit must be > -1 and < 1, got {distort_limit}")
        self.num_cells, self.prob, self.limits = num_cells, checked_prob(prob), (min(low, high), max(low, high))
        self.resampling = Resampling(keys, mode, padding_mode)

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {} where nothing happens, else the steps of each axis."""
        if rng.random() >= self.prob:
            return {}
        cells = one_per_axis("num_cells", self.num_cells, len(image_of(sample, self.keys[0]).shape))
        return {"steps": [(1 + rng.uniform(*self.limits, size=int(count))).tolist() for count in cells]}

    def apply(self, sample: Sample, params: Params) -> Sample:
        """Wish for the bent grids."""
        return _distorted(sample, self.resampling, params["steps"]) if params else sample


def smooth_offsets(shape: Sequence[int], sigma: float, magnitude: float, seed: int) -> Offsets:
    """Smoothed noise, [n, *M] voxels: what uniform noise at each voxel of `shape` becomes by a Gaussian of `sigma`.

    A sum of many independent voxels is normal, so that noise on a coarser lattice needs the same variance only.
    """
    counts = [max(2, int(np.ceil((size - 1) * _POINTS_PER_SIGMA / sigma)) + 1) for size in shape]
    steps = [max(size - 1, 1) / (count - 1) for size, count in zip(shape, counts, strict=True)]
    noise = np.random.default_rng(seed).normal(scale=np.sqrt(1 / 3 / np.prod(steps)), size=(len(shape), *counts))
    smooth = [gaussian_filter(one, [sigma / step for step in steps], mode="reflect") for one in noise]
    return np.asarray(np.stack(smooth) * magnitude, dtype=np.float32)


def cell_offsets(shape: Sequence[int], steps: Sequence[Sequence[float]]) -> Offsets:
    """Offsets at the corners of cells, [n, *M] voxels, for cells of which each is stretched along its axis."""
    corners = [len(each) + 1 for each in steps]
    offsets = np.zeros((len(shape), *corners), dtype=np.float32)
    for axis, (size, each) in enumerate(zip(shape, steps, strict=True)):
        moved = np.concatenate([[0.0], np.cumsum(np.asarray(each, dtype=np.float64) - 1)]) * (size - 1) / len(each)
        offsets[axis] = moved.reshape([-1 if other == axis else 1 for other in range(len(shape))])
    return offsets


def _distorted(sample: Sample, resampling: Resampling, steps: Sequence[Sequence[float]]) -> Sample:
    same_shape(sample, resampling.keys)
    shape = image_of(sample, resampling.keys[0]).shape
    if len(steps) != len(shape):
        raise ValueError(f"steps for {len(shape)} axes are expected, got {len(steps)}")
    return _bent(sample, resampling, cell_offsets(shape, steps), lambda grid: grid)


def _bent(sample: Sample, resampling: Resampling, offsets: Offsets | None, grid_of: Callable[[Grid], Grid]) -> Sample:
    new = dict(sample)
    for key in resampling.keys:
        image = image_of(sample, key)
        grid = grid_of(image.target)
        bend = None if offsets is None else Bend(grid, torch.from_numpy(offsets).to(image.data.device))
        new[key] = wish(image, grid, bend=bend, **resampling.options(key))
    return new


def _range(name: str, values: Sequence[float]) -> tuple[float, float]:
    if len(values) != 2 or not 0 <= values[0] <= values[1]:
        raise ValueError(f"{name} must be two numbers >= 0, the lower one first, got {tuple(values)}")
    return float(values[0]), float(values[1])
