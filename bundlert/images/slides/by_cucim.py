"""Slides read by cuCIM, the fastest of the three: on the CPU too, where it needs no part of CUDA.

cuCIM tells of a damaged tile on the terminal only and gives some pixels; and what it has no fast way for, it reads
whole. So tifffile looks at the directories first, and what doesn't fit is left to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bundlert.errors import DataError
from bundlert.images.slides.directories import open_directories
from bundlert.images.slides.slide import Slide, checked_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.images.slides.directories import Level

_JPEG = 7
_FAST_COMPRESSIONS = (1, 5, _JPEG, 8, 32946, 33003, 33005)  # none, LZW, JPEG, deflate, JPEG 2000 of Aperio


class CucimSlide(Slide):
    """A slide read by cuCIM.

    Args:
        file: A TIFF file with tiles of 8-bit RGB, SVS among them.

    Raises:
        ImportError: cuCIM or tifffile is missing.
        DataError: It can't be read, or not by region.
    """

    backend = "cucim"

    def __init__(self, file: Path) -> None:
        from cucim.clara import CuImage  # noqa: PLC0415 (an extra)

        self._directories = open_directories(file)
        try:
            _check_packing(file, self._directories.levels)
            self._image = CuImage(str(file))
            found = self._image.resolutions
            _check_sizes(file, self._directories.levels, found["level_dimensions"])
        except BaseException as error:
            self._directories.close()
            if isinstance(error, RuntimeError | ValueError):
                raise DataError(f"slide '{file}' can't be read", got=str(error)) from error
            raise
        self._scales = [float(scale) for scale in found["level_downsamples"]]
        super().__init__(file, [level.size for level in self._directories.levels], self._directories.mpp)

    def _read(self, begin: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        self._check_tiles(begin, level, size)
        # The middle of the pixel, so that no rounding leads to its neighbour.
        location = [int(at * self._scales[level] + (self._scales[level] - 1) / 2) for at in begin]
        try:
            pixels = np.asarray(self._image.read_region(location, size, level=level))
        except (RuntimeError, ValueError) as error:
            raise self.damaged(error) from error
        return checked_pixels(self, pixels, size)

    def _check_tiles(self, begin: tuple[int, int], level: int, size: tuple[int, int]) -> None:
        """See that what is called a JPEG begins and ends like one; a tile that was left out has no bytes."""
        directory = self._directories.levels[level]
        if int(directory.page.compression) != _JPEG:
            return
        for tile in directory.tiles(begin, size):
            packed = self._directories.packed(directory, tile.number)
            if packed and not (packed.startswith(b"\xff\xd8") and packed.rstrip(b"\0").endswith(b"\xff\xd9")):
                raise self.damaged(ValueError(f"tile {tile.number} of level {level} is no JPEG"))

    def close(self) -> None:
        """Let go of the file."""
        self._directories.close()
        self._image.close()


def _check_sizes(file: Path, levels: Sequence[Level], sizes: Sequence[Sequence[int]]) -> None:
    if [level.size for level in levels] != [tuple(size) for size in sizes]:
        raise DataError(f"slide '{file}' has other levels for cuCIM", got=str(sizes))


def _check_packing(file: Path, levels: Sequence[Level]) -> None:
    """Refuse what cuCIM has no fast way for."""
    for page in (level.page for level in levels):
        colours = page.samplesperpixel == 3 and page.photometric.name in ("RGB", "YCBCR")
        if not (page.is_tiled and colours and int(page.compression) in _FAST_COMPRESSIONS):
            raise DataError(
                f"slide '{file}' has no fast way",
                got=f"{page.compression.name}, {page.photometric.name}, {'tiles' if page.is_tiled else 'strips'}",
            )
