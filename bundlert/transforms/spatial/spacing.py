"""Spacing: voxels of one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.ops.resample import check_mode, check_padding
from bundlert.transforms.base import Keys, Sample, as_keys, image_of, per_key
from bundlert.transforms.lazy import wish

if TYPE_CHECKING:
    import numpy as np


class Spacing:
    """Resample to voxels of `pixdim` mm; the first voxel centre stays where it is.

    The new size along an axis is `round((n - 1) * spacing / pixdim + 1)`.

    Args:
        keys: Images to resample.
        pixdim: Voxel size in mm along each axis, or one for all.
        mode: `bilinear` for images, `nearest` for labels; one, or one per key.
        padding_mode: `border`, `zeros` or a value, for the part of the last voxel that may stick out.

    Raises:
        ValueError: A pixdim <= 0, an unknown mode, or not as many modes as keys.
    """

    def __init__(
        self,
        keys: Keys,
        pixdim: float | Sequence[float],
        mode: str | Sequence[str] = "bilinear",
        padding_mode: str | float = "border",
    ) -> None:
        self.keys = as_keys(keys)
        sizes = [pixdim] if isinstance(pixdim, (int, float)) else list(pixdim)
        if not sizes or min(sizes) <= 0:
            raise ValueError(f"pixdim must be > 0 along each axis, in mm, got {pixdim}")
        self.pixdim = pixdim
        self.modes = per_key("mode", mode, self.keys)
        for each in self.modes.values():
            check_mode(each)
        check_padding(padding_mode)
        self.padding_mode = padding_mode

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Wish for the grids with other voxels."""
        new = dict(sample)
        for key, mode in self.modes.items():
            image = image_of(sample, key)
            new[key] = wish(image, image.target.spaced(self.pixdim), mode=mode, padding=self.padding_mode)
        return new
