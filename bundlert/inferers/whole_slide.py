"""A map of a slide, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from bundlert.inferers.backends.prepared import Prepared, Settings
from bundlert.inferers.slide_tiles import Picture, Slide, Tiling, tile_batches
from bundlert.progress import Task, task

_ACTIVATIONS: dict[str | None, Callable[[Tensor], Tensor]] = {
    None: lambda scores: scores,
    "sigmoid": torch.sigmoid,
    "softmax": lambda scores: scores.softmax(1),
}


class WholeSlideInferer:
    """Apply a network to tiles of a slide; what it gives for a tile is a pixel of a map.

    Pixel m of the map stands for the tile whose centre lies at (m + 1/2) strides. Tiles overlap where they are larger
    than a stride; what neighbours share is read once, while the network is busy with tiles before. Where a tile leaves
    the slide it is white. No gradients are kept. Source: Li and Ping, MIDL 2018.

    Args:
        patch_size: Width of a tile in pixels of the level.
        stride: Step between tiles in pixels of the level.
        level: The slide's level that tiles are read from, 0 for the largest.
        batch_size: Tiles that the network gets at once.
        activation: `sigmoid` or `softmax` of what the network gives; None to leave it.
        scale: The values that 0 and 255 become; None to leave all as they are, in float32.
        background: The map's value where the mask leaves tiles out.
        sw_device: Where the network is.
        block_size: How many tiles, along each axis, are read as one region.
        progress: Whether to tell how many tiles are done.
        backend: What runs the network, as in `SlidingWindowInferer`.
        precision: `fp32`, `bf16` or `fp16`; None for what autocast says around the call, else `fp32`.

    Shape:
        a slide -> [K, X, Y], the level's size divided by the stride and rounded up, or the mask's;
        [B, C, X, Y] -> [B, K, X, Y], each image taken for a slide of one level.

    Raises:
        ValueError: A size that isn't positive, or an unknown activation, backend or precision; in a call, no such
            level, a mask of another size, or a network that gives more than one value of each class for a tile.
    """

    def __init__(
        self,
        patch_size: int = 224,
        stride: int = 64,
        level: int = 0,
        batch_size: int = 64,
        *,
        activation: str | None = "sigmoid",
        scale: Sequence[float] | None = (-1.0, 1.0),
        background: float = 0.0,
        sw_device: str | torch.device = "cpu",
        block_size: int = 16,
        progress: bool = False,
        backend: str = "eager",
        precision: str | None = None,
    ) -> None:
        sizes = {"patch_size": patch_size, "stride": stride, "batch_size": batch_size, "block_size": block_size}
        for name, value in sizes.items():
            if value < 1:
                raise ValueError(f"{name} must be >= 1, got {value}")
        if activation not in _ACTIVATIONS:
            raise ValueError(f"activation must be sigmoid, softmax or null, got '{activation}'")
        self.tiling, self.batch_size = Tiling(patch_size, stride, level, block_size), batch_size
        self.activation, self.scale, self.background = activation, scale, float(background)
        self.sw_device, self.progress = torch.device(sw_device), progress
        self._prepared = Prepared(Settings(backend, precision))

    def __call__(
        self, network: Callable[[Tensor], Tensor], slide: Slide | Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """The map of a slide, or of each image of a batch.

        Args:
            network: Tiles [N, C, patch_size, patch_size] -> [N, K] or [N, K, 1, 1].
            slide: An open slide, or images [B, C, X, Y].
            mask: [X, Y] of the map, its size rounded up or down: other tiles are neither read nor computed.
        """
        with torch.no_grad():
            if isinstance(slide, Tensor):
                return torch.stack([self._map(network, Picture(image), mask) for image in slide])
            return self._map(network, slide, mask)

    def _map(self, network: Callable[[Tensor], Tensor], slide: Slide, mask: Tensor | None) -> Tensor:
        wanted = self._wanted(slide, mask)
        result: Tensor | None = None
        with self._told(int(wanted.sum())) as bar:
            for tiles, places in tile_batches(slide, self.tiling, wanted, self.batch_size):
                scores = self._scores(network, tiles)
                if result is None:
                    result = torch.full((scores.shape[1], *wanted.shape), self.background)
                result[:, places[:, 0], places[:, 1]] = scores.T
                bar.advance(len(places))
        return torch.full((1, *wanted.shape), self.background) if result is None else result

    def _wanted(self, slide: Slide, mask: Tensor | None) -> Tensor:
        """Which tiles there are to compute, [X, Y]."""
        level, stride = self.tiling.level, self.tiling.stride
        if not 0 <= level < len(slide.levels):
            raise ValueError(f"level must be 0 to {len(slide.levels) - 1}, got {level}")
        down, up = ([(int(length) + add) // stride for length in slide.levels[level]] for add in (0, stride - 1))
        if mask is None:
            return torch.ones(up, dtype=torch.bool)
        if mask.ndim != 2 or any(one not in pair for one, *pair in zip(mask.shape, down, up, strict=True)):
            raise ValueError(f"mask must have the map's size {up}, got {list(mask.shape)}")
        return mask.cpu() != 0

    def _scores(self, network: Callable[[Tensor], Tensor], tiles: Tensor) -> Tensor:
        """What the network gives for tiles, activated, [N, K] on the CPU."""
        values = tiles.to(self.sw_device, torch.float32)
        if self.scale is not None:
            low, high = self.scale
            values = values * ((high - low) / 255) + low
        runner = self._prepared.runner(network, tuple(tiles.shape[1:]), self.batch_size, self.sw_device)
        scores = runner.run(values).float()
        if scores.ndim < 2 or scores[0].numel() != scores.shape[1]:
            raise ValueError(f"a network must give [N, K] for tiles [N, C, X, Y], got {tuple(scores.shape)}")
        return _ACTIVATIONS[self.activation](scores.flatten(1)).cpu()

    def _told(self, tiles: int) -> AbstractContextManager[Task]:
        return task("tiles", total=tiles, unit="tile") if self.progress else nullcontext(Task())
