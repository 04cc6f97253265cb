"""Overlapping windows, blended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bundlert.inferers.backends.prepared import Prepared, Settings
from bundlert.inferers.backends.runner import Runner
from bundlert.inferers.blend import Blend, MisalignedError, Weighting, alignment
from bundlert.inferers.outputs import parts_of, put_together, shape_of
from bundlert.inferers.window_jobs import Job, checked_mask, gathered, groups_of, window_jobs
from bundlert.inferers.windows import Layout, layout_of, padded_image, per_axis
from bundlert.progress import Task, task

_MODES = ("constant", "gaussian")
_PADDINGS = ("constant", "reflect", "replicate", "circular")


class SlidingWindowInferer:
    """Apply a network to windows of an image and put the results together, weighted.

    Windows step by `int(roi * (1 - overlap))`; the last one moves back to end with the image. An image smaller than the
    window is padded on both sides, and the padding is cut off again. Windows of all images of a batch share groups,
    which are as even as can be. Results are added up in place, in float32. Source: Isensee et al., nnU-Net, 2021.

    A network may give several tensors, in a tuple, a list or a dictionary, each at a resolution of its own: each is
    blended at its own resolution. Where coarse voxels don't begin where windows do, windows step a little less, and the
    image is padded at its end.

    Args:
        roi_size: Size of the window in voxels, one or one for each axis; None or a number <= 0 for the whole axis.
        sw_batch_size: Windows that the network gets at once, at most; two, where one would be much slower.
        overlap: Share of a window that the next one covers too, 0 <= overlap < 1; one, or one for each axis.
        mode: Weight of a window's voxels: `constant`, or `gaussian` (the centre counts more).
        sigma_scale: Standard deviation of the Gaussian, as a share of the window; one, or one for each axis.
        padding_mode: How to pad a small image: `constant`, `reflect`, `replicate` or `circular`.
        cval: Value of constant padding, and of windows that `roi_mask` leaves out.
        sw_device: Where the network is: windows go there. Where the image is, if None.
        device: Where the result is put together. Where the image is if None, or on the CPU if it doesn't fit there.
        progress: Whether to tell how many windows are done.
        cache_roi_weight_map: Whether to keep the weights' sum for the next image of the same size.
        cpu_thresh: An image of more voxels has its result put together on the CPU, if `device` is None.
        backend: What runs the network: `eager` (torch), `compile`, `onnxruntime`, `openvino`, or `auto`: what is
            fastest here, measured once. None but `eager` knows of gradients.
        precision: `fp32`, `bf16` or `fp16` for the network; None for what autocast says around the call, else `fp32`.
        channels_last: Whether windows have the channel last in memory; None for where there are convolutions.
        roi_mask: What makes a mask [B or 1, 1, *S] of images, or a threshold that voxels of the mask lie above. Windows
            without a voxel of it are answered by one result, that of a window filled with `cval`; voxels of the mask
            get the same result as without it.
        skip_constant: Whether windows in which each channel has one value only are computed once for each value.
        cache_dir: Folder for converted networks and for what `auto` measured.

    Shape:
        [B, C, *S] -> [B, K, *S], *S of 1-3 axes; outputs at another scale: [B, K, *(scale x S)], rounded up.

    Raises:
        ValueError: A number out of its range, or an unknown mode, backend or precision; in a call, an image of other
            dimensions, or windows' results that aren't [B, K, *S].
        BundlertError: In a call, a backend that isn't installed, can't run the network, or gives something else.
    """

    def __init__(
        self,
        roi_size: Sequence[int | None] | int,
        sw_batch_size: int = 1,
        overlap: float | Sequence[float] = 0.25,
        mode: str = "constant",
        sigma_scale: float | Sequence[float] = 0.125,
        *,
        padding_mode: str = "constant",
        cval: float = 0.0,
        sw_device: str | torch.device | None = None,
        device: str | torch.device | None = None,
        progress: bool = False,
        cache_roi_weight_map: bool = False,
        cpu_thresh: int | None = None,
        backend: str = "eager",
        precision: str | None = None,
        channels_last: bool | None = None,
        roi_mask: Callable[[Tensor], Tensor] | float | None = None,
        skip_constant: bool = False,
        cache_dir: str | Path | None = None,
    ) -> None:
        _check(sw_batch_size, overlap, mode, padding_mode)
        self.roi_size: int | tuple[int | None, ...] = tuple(roi_size) if isinstance(roi_size, Sequence) else roi_size
        self.sw_batch_size, self.overlap, self.mode = sw_batch_size, overlap, mode
        self.sigma_scale = tuple(sigma_scale) if isinstance(sigma_scale, Sequence) else sigma_scale
        self.padding_mode, self.cval = padding_mode, cval
        self.sw_device, self.device = (torch.device(one) if one else None for one in (sw_device, device))
        self.progress, self.cache_roi_weight_map, self.cpu_thresh = progress, cache_roi_weight_map, cpu_thresh
        self.roi_mask, self.skip_constant = roi_mask, skip_constant
        folder = Path(cache_dir) if cache_dir is not None else None
        self._prepared = Prepared(Settings(backend, precision, channels_last, folder))

    def __call__(self, network: Callable[[Tensor], Any], images: Tensor, roi_mask: Tensor | None = None) -> Any:
        """The network's result for the whole of each image; `roi_mask` [B or 1, 1, *S] overrules the inferer's."""
        if images.shape[0] == 0:
            raise ValueError(f"images must have at least one item, got {tuple(images.shape)}")
        size, dims = tuple(images.shape[2:]), images.ndim - 2
        wanted: tuple[int | None, ...] = per_axis(self.roi_size, dims, "roi_size")
        roi = tuple(one if one and one > 0 else whole for one, whole in zip(wanted, size, strict=True))
        runner = self._prepared.runner(
            network, (images.shape[1], *roi), self.sw_batch_size, self.sw_device or images.device
        )
        mask = self._mask(images, roi_mask)
        overlap = per_axis(self.overlap, dims, "overlap")
        try:
            return self._blended(runner, images, mask, layout_of(size, roi, overlap, (1,) * dims))
        except MisalignedError as finding:
            return self._blended(runner, images, mask, layout_of(size, roi, overlap, finding.multiple))

    def _mask(self, images: Tensor, given: Tensor | None) -> Tensor | None:
        mask = given if given is not None else self.roi_mask
        if mask is None:
            return None
        if isinstance(mask, Tensor):
            return checked_mask(mask, images)
        made = mask(images) if callable(mask) else (images > mask).any(dim=1, keepdim=True)
        return checked_mask(made, images)

    def _blended(self, runner: Runner, images: Tensor, mask: Tensor | None, layout: Layout) -> Any:
        padded = padded_image(images, layout, self.padding_mode, self.cval)
        if mask is not None:
            mask = padded_image(mask[:, None], layout, "constant", 0)[:, 0]
        jobs = window_jobs(padded, layout, mask=mask, skip_constant=self.skip_constant)
        groups = groups_of(jobs, runner.group(self.sw_batch_size))
        blends: list[Blend] = []
        like: Any = None
        windows = self._buffer(images, layout, len(groups[0]), runner)
        with self._told(len(jobs)) as bar:
            for group in groups:
                if torch.is_grad_enabled():  # what a gradient needs isn't written over
                    windows = self._buffer(images, layout, len(group), runner)
                result = runner.run(gathered(padded, layout, group, windows, self.cval))
                parts = parts_of(result)
                if not blends:
                    like, blends = shape_of(result), self._blends(parts, images, layout)
                _add(blends, parts, group)
                del result, parts  # before the next are made
                bar.advance(len(group))
        return put_together(like, [blend.finished() for blend in blends])

    def _buffer(self, images: Tensor, layout: Layout, count: int, runner: Runner) -> Tensor:
        """Where windows are copied to, [count, C, *roi]."""
        shape = (count, images.shape[1], *layout.roi)
        last = {4: torch.channels_last, 5: torch.channels_last_3d}.get(len(shape), torch.contiguous_format)
        layout_in_memory = last if runner.channels_last else torch.contiguous_format
        place = self.sw_device or images.device
        return torch.empty(shape, dtype=images.dtype, device=place, memory_format=layout_in_memory)

    def _blends(self, parts: Sequence[Tensor], images: Tensor, layout: Layout) -> list[Blend]:
        multiple = alignment(parts, layout)
        if any(start % step for starts, step in zip(layout.starts, multiple, strict=True) for start in starts):
            raise MisalignedError(multiple)
        device = self.device
        if device is None and self.cpu_thresh is not None and images[0, 0].numel() > self.cpu_thresh:
            device = torch.device("cpu")
        weighting = Weighting(self.mode, self.sigma_scale, device, self.cache_roi_weight_map)
        return [Blend(images.shape[0], part, layout, weighting, images.device) for part in parts]

    def _told(self, windows: int) -> AbstractContextManager[Task]:
        return task("windows", total=windows, unit="window") if self.progress else nullcontext(Task())


def _add(blends: Sequence[Blend], parts: Sequence[Tensor], group: Sequence[Job]) -> None:
    """Add what the network gave for some windows to each output, wherever it belongs."""
    for blend, scores in zip(blends, parts, strict=True):
        for job, score in zip(group, blend.placed(scores), strict=True):
            for item, corner in job.places:
                blend.add(item, corner, score)


def _check(sw_batch_size: int, overlap: float | Sequence[float], mode: str, padding_mode: str) -> None:
    shares = overlap if isinstance(overlap, Sequence) else [overlap]
    if not all(0 <= share < 1 for share in shares):
        raise ValueError(f"overlap must be >= 0 and < 1, got {overlap}")
    if mode not in _MODES:
        raise ValueError(f"mode must be one of {', '.join(_MODES)}, got '{mode}'")
    if padding_mode not in _PADDINGS:
        raise ValueError(f"padding_mode must be one of {', '.join(_PADDINGS)}, got '{padding_mode}'")
    if sw_batch_size < 1:
        raise ValueError(f"sw_batch_size must be >= 1, got {sw_batch_size}")
