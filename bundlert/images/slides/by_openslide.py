"""Slides read by OpenSlide: the formats of most scanners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bundlert.errors import DataError
from bundlert.images.slides.slide import BACKGROUND, Slide, checked_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray


class OpenSlideSlide(Slide):
    """A slide read by OpenSlide.

    Args:
        file: A slide of any format that OpenSlide knows.

    Raises:
        ImportError: OpenSlide is missing.
        DataError: It can't be read.
    """

    backend = "openslide"

    def __init__(self, file: Path) -> None:
        import openslide  # noqa: PLC0415 (an extra)

        self._errors = (openslide.OpenSlideError, ValueError, OSError)
        try:
            self._slide = openslide.OpenSlide(file)
        except self._errors as error:
            raise DataError(f"slide '{file}' can't be read", got=str(error) or "a format that is not known") from error
        sides = [self._slide.properties.get(f"openslide.mpp-{axis}") for axis in "xy"]
        mpp = (float(sides[0]), float(sides[1])) if sides[0] and sides[1] else None
        super().__init__(file, self._slide.level_dimensions, mpp)

    def _read(self, begin: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        scale = self._slide.level_downsamples[level]
        location = (round(begin[0] * scale), round(begin[1] * scale))
        try:
            pixels = np.asarray(self._slide.read_region(location, level, size))
        except self._errors as error:
            raise self.damaged(error) from error
        alpha = pixels[..., 3:]
        if alpha.min() < 255:  # a tile that the file left out, or its edge
            share = alpha.astype(np.float32) / 255
            pixels = np.rint(pixels[..., :3] * share + BACKGROUND * (1 - share)).astype(np.uint8)
        return checked_pixels(self, pixels, size)

    def close(self) -> None:
        """Let go of the file."""
        self._slide.close()
