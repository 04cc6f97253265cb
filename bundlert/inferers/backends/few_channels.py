"""Transposed convolutions to few channels, computed as convolutions to more.

Processors compute 16 channels at once, and kernels fill up with zeros what is missing. The last upsampling of most
segmentation networks gives as many channels as there are classes, so that nearly all of its work is for nothing. With a
stride it gives several voxels for each one of its input: taken as channels of a plain convolution, they fill the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_AT_ONCE = 16
_PLAIN: dict[Any, Callable[..., Tensor]] = {
    torch.conv_transpose1d: torch.conv1d,
    torch.conv_transpose2d: torch.conv2d,
    torch.conv_transpose3d: torch.conv3d,
}


class FewChannels(TorchFunctionMode):
    """A context in which torch's transposed convolutions on a CPU are computed the faster way; rounding differs."""

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call `func`, or compute what it would give."""
        del types
        if func in _PLAIN:
            return _computed(func, _Call(*args, **(kwargs or {})))
        return func(*args, **(kwargs or {}))


class _Axis(NamedTuple):
    """A transposed convolution along one axis, as a convolution: output `stride * q + r` is channel r at place q.

    Attributes:
        stride: How many channels there are.
        kernel: Zeros before and behind the kernel, so that each channel has as many taps.
        taps: How many.
        image: Voxels to add before and behind the input, or to leave out.
        out: Length of the output.
    """

    stride: int
    kernel: tuple[int, int]
    taps: int
    image: tuple[int, int]
    out: int

    @property
    def places(self) -> int:
        """Voxels of the convolution's result."""
        return -(-self.out // self.stride)


class _Call(NamedTuple):
    """What `torch.conv_transpose*d` takes."""

    input: Tensor
    weight: Tensor
    bias: Tensor | None = None
    stride: int | Sequence[int] = 1
    padding: int | Sequence[int] = 0
    output_padding: int | Sequence[int] = 0
    groups: int = 1
    dilation: int | Sequence[int] = 1


def _computed(func: Callable[..., Tensor], call: _Call) -> Tensor:
    """What `func`, a `torch.conv_transpose*d`, gives, rounded otherwise.

    Output o takes the input i by tap k where o = stride * i + k - padding. With o = stride * q + r, each r has taps of
    its own, which see the inputs around q. Source: Shi et al., arXiv 1609.07009, 2016.
    """
    image, weight = call.input, call.weight
    dims, channels = weight.ndim - 2, weight.shape[1]
    strides, pads, more, dilations = (_each(one, dims) for one in (*call[3:6], call.dilation))
    voxels = prod(strides)
    fits = 1 < voxels <= _AT_ONCE // channels and image.ndim == weight.ndim and image.device.type == "cpu"
    if not fits or call.groups != 1 or max(dilations) != 1:
        return func(*call)
    sizes = zip(image.shape[2:], weight.shape[2:], strides, pads, more, strict=True)
    axes = [_axis(*size) for size in sizes]
    padded = functional.pad(image, [one for axis in reversed(axes) for one in axis.image])
    bias = call.bias.repeat_interleave(voxels) if call.bias is not None else None
    return _interleaved(_PLAIN[func](padded, _kernels(weight, axes), bias), axes)


def _axis(length: int, kernel: int, stride: int, padding: int, more: int) -> _Axis:
    first, last = -((kernel - 1 - padding) // stride), -(-padding // stride)  # inputs around q: q + first ... q + last
    taps, before = last - first + 1, stride * last - padding
    out = (length - 1) * stride - 2 * padding + kernel + more
    image = (-first, -(-out // stride) - length + last)
    return _Axis(stride, (before, stride * taps - kernel - before), taps, image, out)


def _kernels(weight: Tensor, axes: Sequence[_Axis]) -> Tensor:
    """[C, K, *kernel] -> [K x strides, C, *taps]."""
    dims = len(axes)
    padded = functional.pad(weight, [one for axis in reversed(axes) for one in axis.kernel])
    split = padded.view(*weight.shape[:2], *(size for axis in axes for size in (axis.taps, axis.stride)))
    taps, strides = range(2, 2 + 2 * dims, 2), range(3, 3 + 2 * dims, 2)
    return split.flip(list(taps)).permute(1, *strides, 0, *taps).reshape(-1, weight.shape[0], *(a.taps for a in axes))


def _interleaved(found: Tensor, axes: Sequence[_Axis]) -> Tensor:
    """[N, K x strides, *places] -> [N, K, *out]."""
    dims, items = len(axes), found.shape[0]
    split = found.reshape(items, -1, *(axis.stride for axis in axes), *found.shape[2:])
    order = [one for axis in range(dims) for one in (2 + dims + axis, 2 + axis)]
    whole = split.permute(0, 1, *order).reshape(items, -1, *(axis.places * axis.stride for axis in axes))
    return whole[(slice(None), slice(None), *(slice(axis.out) for axis in axes))]


def _each(value: int | Sequence[int], dims: int) -> tuple[int, ...]:
    return (value,) * dims if isinstance(value, int) else tuple(value) * (dims // len(value))
