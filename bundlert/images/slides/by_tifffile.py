"""Slides read by tifffile: any TIFF whose tiles it can unpack, without a library of C beside its codecs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bundlert.images.slides.directories import open_directories
from bundlert.images.slides.slide import BACKGROUND, Slide, checked_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.images.slides.directories import Level, Tile


class TifffileSlide(Slide):
    """A slide read tile by tile.

    Args:
        file: A TIFF file, SVS among them.

    Raises:
        ImportError: tifffile is missing.
        DataError: It can't be read.
    """

    backend = "tifffile"

    def __init__(self, file: Path) -> None:
        self._directories = open_directories(file)
        super().__init__(file, [level.size for level in self._directories.levels], self._directories.mpp)

    def _read(self, begin: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        pixels = np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
        directory = self._directories.levels[level]
        for tile in directory.tiles(begin, size):
            piece = self._piece(directory, tile)
            if piece is None:
                continue
            x, y = max(tile.x, begin[0]), max(tile.y, begin[1])
            part = piece[y - tile.y : begin[1] + size[1] - tile.y, x - tile.x : begin[0] + size[0] - tile.x]
            pixels[y - begin[1] : y - begin[1] + part.shape[0], x - begin[0] : x - begin[0] + part.shape[1]] = part
        return pixels

    def _piece(self, level: Level, tile: Tile) -> NDArray[np.uint8] | None:
        """One tile [Y, X, 3], unpacked; none where the file left it out."""
        packed = self._directories.packed(level, tile.number)
        if not packed:
            return None
        page = level.page
        try:
            # JPEG codecs raise whatever they like; all of it means that this tile is no picture.
            found = page.decode(packed, tile.number, jpegtables=page.jpegtables, jpegheader=page.jpegheader)[0][0]
        except Exception as error:
            raise self.damaged(error) from error
        return checked_pixels(self, found, (found.shape[1], found.shape[0]))

    def close(self) -> None:
        """Let go of the file."""
        self._directories.close()
