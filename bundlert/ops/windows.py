"""Sums over sliding windows, axis after axis: what local statistics are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from bundlert.ops.scratch import Scratch

Kernel = tuple[float, ...]


def triangle(size: int) -> Kernel:
    """A box convolved with itself, of a sum of 1, in the middle of a window of that size.

    The box is (size + 1) / 2 wide, or one less to be odd; 3 gives (1, 2, 1) / 4, for which there is no odd box.
    """
    if size == 3:
        return (0.25, 0.5, 0.25)
    half = (size + 1) // 2
    box = half if half % 2 else half - 1
    margin = (size - (2 * box - 1)) // 2
    rising = [(step + 1) / box**2 for step in range(box)]
    return (*[0.0] * margin, *rising, *rising[-2::-1], *[0.0] * margin)


def gaussian(size: int, sigma: float) -> Kernel:
    """exp(-x^2 / (2 sigma^2)), 1 in the middle of a window."""
    return tuple(math.exp(-((step - (size - 1) / 2) ** 2) / (2 * sigma**2)) for step in range(size))


def window_sums(room: Tensor, kernels: Sequence[Kernel], scratch: Scratch) -> Tensor:
    """The weighted sum over the window that begins at each place, for the last axes of a room, one kernel each.

    All axes are walked through as one long row, which is what memory is. Windows that overhang the end of an axis hold
    anything.

    Args:
        room: Contiguous, [..., *S]; it is spoilt, and may hold the result.
        kernels: Symmetric weights.
        scratch: For what is needed on the way, which may hold the result.

    Shape:
        [..., *S], of which the first S - k + 1 along each axis count.
    """
    row, first = room.view(-1), room.ndim - len(kernels)
    there, other = "window", "other window"  # boxes are summed in place, others from one row to another
    for number, kernel in reversed(list(enumerate(kernels))):
        stride = room.stride(first + number)
        if len(set(kernel)) == 1:
            row = _box(row, len(kernel), stride, scratch)
            row = row if kernel[0] == 1 else row.mul_(kernel[0])
        else:
            row = _weighted(row, kernel, stride, scratch(there, row.shape))
            there, other = other, there
    return row.view(room.shape)


def _weighted(row: Tensor, kernel: Kernel, stride: int, out: Tensor) -> Tensor:
    """Sums of what stands every so many places, each with its weight."""
    size, middle = row.numel() - (len(kernel) - 1) * stride, len(kernel) // 2
    torch.mul(row.narrow(0, middle * stride, size), kernel[middle], out=out[:size])
    for step, factor in enumerate(kernel):
        if step != middle and factor:
            out[:size].add_(row.narrow(0, step * stride, size), alpha=factor)
    return out


def _box(row: Tensor, width: int, stride: int, scratch: Scratch) -> Tensor:
    """Sums of equal weights, in as many steps as the width has binary digits: exact, unlike differences of totals."""
    size = row.numel() - (width - 1) * stride
    block, length, begin, parts = row, 1, 0, list[Tensor]()
    while True:
        if width & length:
            parts.append(block.narrow(0, begin * stride, size))
            begin += length
        if 2 * length > width:
            break
        half, rest = length * stride, block.numel() - length * stride
        length *= 2
        block = torch.add(block[:rest], block.narrow(0, half, rest), out=scratch(f"block of {length}", (rest,)))
    total = parts[0] if width % 2 else row[:size].copy_(parts[0])
    for part in parts[1:]:
        total += part
    return row


def windowed(values: Tensor, kernels: Sequence[Kernel]) -> Tensor:
    """The weighted sums over all windows that lie inside, [..., *(S - k + 1)], differentiable as often as wanted."""
    found: Tensor = _Windowed.apply(values, tuple(kernels))  # type: ignore[no-untyped-call]
    return found


class _Windowed(torch.autograd.Function):
    """Symmetric kernels are their own adjoint, but for the border."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, kernels: tuple[Kernel, ...]) -> Tensor:
        """The sums over windows that lie inside."""
        ctx.kernels = kernels
        room = values.detach().clone(memory_format=torch.contiguous_format)
        found = window_sums(room, kernels, Scratch(room))
        for axis, kernel in enumerate(reversed(kernels)):
            found = found.narrow(-1 - axis, 0, found.shape[-1 - axis] - len(kernel) + 1)
        return found.contiguous()

    @staticmethod
    def backward(ctx: Any, slopes: Tensor) -> tuple[Tensor, None]:
        """The same sums, of windows that may overhang."""
        margins = [size for kernel in reversed(ctx.kernels) for size in (len(kernel) - 1, len(kernel) - 1)]
        return windowed(torch.nn.functional.pad(slopes, margins), ctx.kernels), None
