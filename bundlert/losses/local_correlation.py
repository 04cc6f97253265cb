"""Sums of squared local correlations of two images, with their gradient, slab by slab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from bundlert.ops.scratch import Scratch, slabs
from bundlert.ops.windows import Kernel, window_sums, windowed

_COPIES = 16  # tensors of the size of a slab that are needed on the way


@dataclass(frozen=True)
class Windows:
    """Which neighbours count, and how a ratio is kept finite.

    Attributes:
        kernel: Weights of a window along each axis, of odd length.
        axes: How many spatial axes.
        smooth_nr: Added to the numerator.
        smooth_dr: What variances are at least.
    """

    kernel: Kernel
    axes: int
    smooth_nr: float
    smooth_dr: float

    @property
    def margin(self) -> int:
        """How far a window reaches."""
        return len(self.kernel) // 2

    @property
    def volume(self) -> float:
        """The sum of a window's weights."""
        return float(sum(self.kernel) ** self.axes)


def correlation_map(first: Tensor, second: Tensor, windows: Windows) -> Tensor:
    """The squared correlation around each voxel as its formula, [M, *S]: for maps, and to compare with."""
    margins = [windows.margin] * 2 * windows.axes
    products = torch.stack([first, second, first * first, second * second, first * second])
    kernels = [windows.kernel] * windows.axes
    f, s, ff, ss, fs = windowed(torch.nn.functional.pad(products, margins), kernels)
    cross = fs - f * s / windows.volume
    first_variance = (ff - f * f / windows.volume).clamp_min(windows.smooth_dr)
    second_variance = (ss - s * s / windows.volume).clamp_min(windows.smooth_dr)
    found: Tensor = (cross * cross + windows.smooth_nr) / (first_variance * second_variance)
    return found


def correlation_sum(first: Tensor, second: Tensor, windows: Windows) -> Tensor:
    """The sum of `correlation_map` over all voxels, differentiable once in both images.

    Shape:
        first and second [M, *S], both float32 or both float64.
    """
    found: Tensor = _CorrelationSum.apply(first, second, windows, torch.is_grad_enabled())  # type: ignore[no-untyped-call]
    return found


class _CorrelationSum(torch.autograd.Function):
    """The gradient is made on the way forward, while sums are at hand: it needs no more than one factor later."""

    @staticmethod
    def forward(ctx: Any, first: Tensor, second: Tensor, windows: Windows, learns: bool) -> Tensor:
        """The sum."""
        wanted = [needed and learns for needed in ctx.needs_input_grad[:2]]
        total, ctx.gradients = _sum_and_gradients((first, second), windows, wanted)
        ctx.save_for_backward(first, second)
        ctx.windows = windows
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """The gradients, scaled."""
        gradients, ctx.gradients = ctx.gradients, None
        if gradients is None:  # the second time through one graph
            _, gradients = _sum_and_gradients(ctx.saved_tensors, ctx.windows, ctx.needs_input_grad[:2])
        first, second = (gradient if gradient is None else gradient.mul_(slope) for gradient in gradients)
        return first, second, None, None


def _sum_and_gradients(
    images: Sequence[Tensor], windows: Windows, wanted: Sequence[bool]
) -> tuple[Tensor, list[Tensor | None]]:
    images = [image.detach() for image in images]
    gradients = [torch.zeros_like(image) if needed else None for image, needed in zip(images, wanted, strict=True)]
    total, scratch = images[0].new_zeros((), dtype=torch.float64), Scratch(images[0])
    for items, begin, end in slabs(images[0].shape, _COPIES, images[0].device):
        near = slice(max(0, begin - windows.margin), min(images[0].shape[1], end + windows.margin))
        around = [image[items, near] for image in images]
        slab = _Slab(around, windows, scratch, near.start - begin + windows.margin, end - begin)
        total += slab.correlate()
        if any(wanted):
            slab.add_gradients([None if one is None else one[items, near] for one in gradients])
    return total.to(images[0].dtype), gradients


class _Slab:
    """Some rows of two images, with the rows around them that their windows reach.

    All is kept with a margin of zeros and walked through as one long row, margins and all: that is what memory is.

    Args:
        images: Both, [m, r, ...].
        windows: Which neighbours count.
        scratch: For all that is made.
        missing: How many rows in front are outside the images.
        rows: How many rows count.
    """

    def __init__(self, images: Sequence[Tensor], windows: Windows, scratch: Scratch, missing: int, rows: int) -> None:
        self._images, self._windows, self._scratch, self._missing, self._rows = images, windows, scratch, missing, rows
        self._items, self._near, *self._sizes = images[0].shape
        self._wide = [size + 2 * windows.margin for size in self._sizes]

    def correlate(self) -> Tensor:
        """The sum of squared correlations; sums, variances and covariances are kept for their gradients."""
        margin, part = self._windows.margin, -1 / self._windows.volume
        room = self._scratch("products", (5, self._items, self._rows + 2 * margin, *self._wide)).zero_()
        inside = _box(room, 2, [self._missing, *[margin] * len(self._sizes)], [self._near, *self._sizes])
        first, second = self._images
        inside[0], inside[1] = first, second
        for number, pair in enumerate(((first, first), (second, second), (first, second))):
            torch.mul(*pair, out=inside[2 + number])
        sums = window_sums(room, [self._windows.kernel] * self._windows.axes, self._scratch)
        self._totals, self._variances, self._cross = sums[:2], sums[2:4], sums[4]
        self._variances.addcmul_(self._totals, self._totals, value=part).clamp_min_(self._windows.smooth_dr)
        self._cross.addcmul_(*self._totals, value=part)
        self._product = torch.mul(*self._variances, out=self._scratch("product", self._cross.shape))
        squared = torch.mul(self._cross, self._cross, out=self._scratch("correlation", self._cross.shape))
        self._correlation = squared.add_(self._windows.smooth_nr).div_(self._product)
        return _box(self._correlation, 1, [0] * self._windows.axes, [self._rows, *self._sizes]).sum()

    def add_gradients(self, gradients: Sequence[Tensor | None]) -> None:
        """Add what the sum does to the images."""
        wanted = [number for number, gradient in enumerate(gradients) if gradient is not None]
        rows, margin = self._rows, self._windows.margin
        room = self._scratch("slopes", (1 + 2 * len(wanted), self._items, rows + 4 * margin, *self._wide))
        slopes = self._shifted(room)
        torch.div(*map(self._counted, (self._cross, self._product)), out=slopes[0]).mul_(2)
        for place, number in enumerate(wanted):
            self._slopes(number, slopes[0], *slopes[1 + 2 * place : 3 + 2 * place])
        self._clear_margins(room)
        spread = window_sums(room, [self._windows.kernel] * self._windows.axes, self._scratch)
        spread = _box(spread, 2, [self._missing, *[0] * len(self._sizes)], [self._near, *self._sizes])
        for place, number in enumerate(wanted):
            gradient, (of_total, of_square) = gradients[number], spread[1 + 2 * place : 3 + 2 * place]
            if gradient is not None:
                gradient.add_(of_total).addcmul_(self._images[1 - number], spread[0])
                gradient.addcmul_(self._images[number], of_square, value=2)

    def _slopes(self, number: int, of_cross: Tensor, of_total: Tensor, of_square: Tensor) -> None:
        """The slopes of the sums of one image and of its square, given that of the product's."""
        variance, correlation = self._counted(self._variances[number]), self._counted(self._correlation)
        total, other = self._counted(self._totals[number]), self._counted(self._totals[1 - number])
        grows = torch.gt(variance, self._windows.smooth_dr, out=of_total)  # 0 where it was held at smooth_dr
        torch.div(correlation, variance, out=of_square).mul_(grows).neg_()
        torch.mul(total, of_square, out=of_total).mul_(2)
        of_total.addcmul_(other, of_cross).mul_(-1 / self._windows.volume)

    def _counted(self, values: Tensor) -> Tensor:
        """The rows that count, as one long row an item."""
        return values[:, : self._rows].flatten(1)

    def _shifted(self, room: Tensor) -> Tensor:
        """Where the rows that count go in a room with two margins of rows, as one long row an item."""
        margin = self._windows.margin
        begin = 2 * margin * room.stride(2) + sum(margin * room.stride(axis) for axis in range(3, room.ndim))
        return room.flatten(2).narrow(2, begin, self._rows * room.stride(2))

    def _clear_margins(self, room: Tensor) -> None:
        """Zeros around what counts."""
        margin = self._windows.margin
        room[:, :, : 2 * margin] = 0
        room[:, :, 2 * margin + self._rows :] = 0
        for axis in range(3, room.ndim):
            room.narrow(axis, 0, margin).zero_()
            room.narrow(axis, room.shape[axis] - margin, margin).zero_()


def _box(room: Tensor, axis: int, begin: Sequence[int], size: Sequence[int]) -> Tensor:
    """A part of a room, from an axis on."""
    for step, (first, length) in enumerate(zip(begin, size, strict=True)):
        room = room.narrow(axis + step, first, length)
    return room
