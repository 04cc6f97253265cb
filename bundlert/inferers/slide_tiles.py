"""Tiles of a slide, read region by region while somebody else computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

_WHITE = 255


class Slide(Protocol):
    """What tiles are read from: a slide of `bundlert.images.slides`, or anything alike."""

    @property
    def levels(self) -> Sequence[Sequence[int]]:
        """The size (x, y) of each level, the largest first."""

    @property
    def level_downsamples(self) -> Sequence[float]:
        """How many pixels of level 0 one pixel of each level stands for."""

    def read_region(self, location: Sequence[int], level: int, size: Sequence[int]) -> Tensor:
        """Pixels [C, X, Y] of a level, the first at `location` of level 0."""


class Picture:
    """An image [C, X, Y] in memory as a slide of one level; around it there is white, or 0 if it isn't of bytes."""

    def __init__(self, pixels: Tensor) -> None:
        self._pixels = pixels
        self.levels = (tuple(pixels.shape[1:]),)
        self.level_downsamples = (1.0,)

    def read_region(self, location: Sequence[int], level: int, size: Sequence[int]) -> Tensor:
        """Pixels [C, X, Y] of a region, which may lie outside."""
        width, height = self.levels[level]
        outside = _WHITE if self._pixels.dtype == torch.uint8 else 0
        region = self._pixels.new_full((self._pixels.shape[0], *size), outside)
        begin = [min(max(at, 0), most) for at, most in zip(location, (width, height), strict=True)]
        x, y = (start - at for start, at in zip(begin, location, strict=True))
        inside = self._pixels[:, begin[0] : max(location[0] + size[0], 0), begin[1] : max(location[1] + size[1], 0)]
        region[:, x : x + inside.shape[1], y : y + inside.shape[2]] = inside
        return region


class Tiling(NamedTuple):
    """Where tiles are: tile m has its centre at (m + 1/2) strides.

    Attributes:
        patch: Width of a tile in pixels of the level.
        stride: Step between tiles.
        level: The slide's level.
        block: How many tiles, along each axis, are read as one region.
    """

    patch: int
    stride: int
    level: int
    block: int


def tile_batches(slide: Slide, tiling: Tiling, wanted: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Tiles [N, C, patch, patch] with their places [N, 2], `batch` at a time, the last ones fewer.

    Args:
        slide: What to read.
        tiling: Where tiles are.
        wanted: [X, Y], true for each tile that is read.
        batch: How many at once.
    """
    tiles, places = torch.empty(0), torch.empty(0, 2, dtype=torch.long)
    for more, there in _ahead(lambda block: _tiles(slide, tiling, block), _blocks(wanted, tiling.block)):
        tiles = torch.cat([tiles, more]) if len(tiles) else more
        places = torch.cat([places, there])
        while len(tiles) >= batch:
            yield tiles[:batch], places[:batch]
            tiles, places = tiles[batch:], places[batch:]
    if len(tiles):
        yield tiles, places


def _blocks(wanted: Tensor, width: int) -> Iterator[Tensor]:
    """The places [N, 2] of neighbouring tiles."""
    for x in range(0, wanted.shape[0], width):
        for y in range(0, wanted.shape[1], width):
            places = wanted[x : x + width, y : y + width].nonzero()
            if len(places):
                yield places + torch.tensor([x, y])


def _tiles(slide: Slide, tiling: Tiling, places: Tensor) -> tuple[Tensor, Tensor]:
    """Tiles, cut out of the smallest region that has all of them."""
    first, last = places.amin(0), places.amax(0)
    begin = first * tiling.stride + (tiling.stride - tiling.patch) // 2
    size = (last - first) * tiling.stride + tiling.patch
    downsample = slide.level_downsamples[tiling.level]
    location = [ceil(at * downsample) for at in begin.tolist()]  # never a pixel too early
    region = slide.read_region(location, tiling.level, size.tolist())
    tiles = region.unfold(1, tiling.patch, tiling.stride).unfold(2, tiling.patch, tiling.stride)
    x, y = (places - first).T
    return tiles[:, x, y].transpose(0, 1), places


def _ahead(
    read: Callable[[Tensor], tuple[Tensor, Tensor]], blocks: Iterable[Tensor]
) -> Iterator[tuple[Tensor, Tensor]]:
    """What was read, one block ahead of what is asked for."""
    coming: deque[Future[tuple[Tensor, Tensor]]] = deque()
    with ThreadPoolExecutor(1) as reader:
        for block in blocks:
            coming.append(reader.submit(read, block))
            if len(coming) > 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
