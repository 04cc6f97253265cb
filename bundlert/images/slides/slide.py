"""Slide: a pyramid of one picture at several sizes, of which regions are read, never a whole level."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from bundlert.errors import DataError

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray
    from torch import Tensor

BACKGROUND = 255
"""What lies outside of a slide is as white as the glass."""


class Slide(ABC):
    """An open slide. Positions are pixels (x, y): x from left to right, y from top to bottom.

    Attributes:
        file: Where it is.
        levels: The size (x, y) of each level, the largest first.
        level_downsamples: How many pixels of level 0 one pixel of each level stands for.
        mpp: The size (x, y) of a pixel of level 0 in micrometres; None if the file doesn't tell.
        backend: Which library reads it: `cucim`, `openslide` or `tifffile`.
    """

    backend: ClassVar[str]

    def __init__(self, file: Path, levels: Sequence[tuple[int, int]], mpp: tuple[float, float] | None) -> None:
        self.file = file
        self.levels = tuple((int(x), int(y)) for x, y in levels)
        self.level_downsamples = tuple(_downsample(self.levels[0], size) for size in self.levels)
        self.mpp = mpp

    def read_region(self, location: Sequence[int], level: int, size: Sequence[int]) -> Tensor:
        """The pixels [3, X, Y] of a region, uint8 RGB; white where it lies outside of the slide.

        Only the tiles that it touches are read and unpacked. The first pixel is the one of the level in which the pixel
        `location` of level 0 lies. All backends give the same, but where the downsample of a level is no whole number:
        OpenSlide then blends neighbours, as its positions fall between pixels.

        Args:
            location: Its first pixel (x, y), counted at level 0 whatever `level` is, as in OpenSlide.
            level: 0 for the largest.
            size: Pixels (x, y) of the level.

        Raises:
            ValueError: There is no such level, or the size isn't positive.
            DataError: The slide is damaged there.
        """
        if not 0 <= level < len(self.levels):
            raise ValueError(f"level must be 0 to {len(self.levels) - 1}, got {level}")
        if len(size) != 2 or min(size) < 1 or len(location) != 2:
            raise ValueError(f"location and size must be (x, y), size at least 1, got {location} and {size}")
        first = [int(place // self.level_downsamples[level]) for place in location]
        begin = [min(max(at, 0), most) for at, most in zip(first, self.levels[level], strict=True)]
        end = [
            min(max(at + int(count), 0), most) for at, count, most in zip(first, size, self.levels[level], strict=True)
        ]
        inner = (max(end[0] - begin[0], 0), max(end[1] - begin[1], 0))
        if inner == tuple(size):
            return torch.from_numpy(self._read((begin[0], begin[1]), level, inner)).permute(2, 1, 0)
        pixels = np.full((int(size[1]), int(size[0]), 3), BACKGROUND, np.uint8)
        if min(inner) > 0:
            x, y = begin[0] - first[0], begin[1] - first[1]
            pixels[y : y + inner[1], x : x + inner[0]] = self._read((begin[0], begin[1]), level, inner)
        return torch.from_numpy(pixels).permute(2, 1, 0)

    @abstractmethod
    def _read(self, begin: tuple[int, int], level: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        """The pixels [Y, X, 3] of a region that lies inside of a level, counted there; writable."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Slide:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def damaged(self, error: Exception) -> DataError:
        """The error for a region that can't be read."""
        return DataError(
            f"slide '{self.file}' is damaged",
            got=f"{self.backend}: {_first_line(error)}",
            hint="copy or download it again",
        )


def checked_pixels(slide: Slide, pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Pixels [Y, X, 3] of what a library gave: grey three times, no alpha, writable.

    Raises:
        DataError: It gave something else.
    """
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.dtype != np.uint8 or pixels.shape[:2] != size[::-1] or pixels.shape[2] not in (1, 3, 4):
        raise slide.damaged(ValueError(f"{pixels.shape} of {pixels.dtype} for a region of {size}"))
    pixels = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., :3]
    return pixels if pixels.flags.writeable and pixels.flags.c_contiguous else pixels.copy()


def _downsample(largest: tuple[int, int], size: tuple[int, int]) -> float:
    """The mean of both axes, which differ where sizes were rounded."""
    return (largest[0] / size[0] + largest[1] / size[1]) / 2


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
