"""The residual U-Net."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from bundlert.networks.blocks.convolution import Convolution
from bundlert.networks.blocks.layers import Named
from bundlert.networks.blocks.residual import ResidualUnit


class UNet(nn.Module):
    """A U-Net whose levels are residual units.

    Going down, each level divides the size by its stride; the bottom keeps it. Going up, a transposed convolution and
    one more residual unit follow the concatenation with what came down. Source: Kerfoot et al., STACOM 2018;
    Ronneberger et al., MICCAI 2015.

    Args:
        spatial_dims: 1, 2 or 3.
        in_channels: Channels of the image.
        out_channels: Classes.
        channels: Features of each level, from the top; the last is the bottom.
        strides: Steps between levels, one less than `channels`.
        kernel_size: Width of the kernels going down, odd.
        up_kernel_size: Width of the kernels going up, odd.
        num_res_units: Convolutions in a residual unit; 0 for plain convolutions.
        act: Activation: a name, or a name with its arguments.
        norm: Normalisation: `BATCH`, `INSTANCE`, or `["GROUP", {num_groups: 8}]`.
        dropout: Share of channels set to zero in training.
        bias: Whether convolutions have a bias.

    Shape:
        [B, in_channels, *S] -> [B, out_channels, *S]; each size a multiple of the product of all strides.

    Raises:
        ValueError: Numbers that don't fit together; in `forward`, a wrong channel count or size.
    """

    def __init__(
        self,
        spatial_dims: int,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int],
        strides: Sequence[int],
        *,
        kernel_size: int = 3,
        up_kernel_size: int = 3,
        num_res_units: int = 0,
        act: Named = "PRELU",
        norm: Named = "INSTANCE",
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        _check_levels(spatial_dims, channels, strides)
        self.in_channels = in_channels
        self.multiple = prod(strides)
        self._dims, self._units = spatial_dims, num_res_units
        self._options: dict[str, Any] = {"act": act, "norm": norm, "dropout": dropout, "bias": bias}
        ins = [in_channels, *channels[:-2]]
        self.down = nn.ModuleList(
            self._going_down(into, out, stride, kernel_size)
            for into, out, stride in zip(ins, channels[:-1], strides, strict=True)
        )
        self.bottom = self._going_down(channels[-2], channels[-1], 1, kernel_size)
        below = [channels[-1], *channels[-3::-1]]
        outs = [*channels[-3::-1], out_channels]
        self.up = nn.ModuleList(
            self._going_up(under + skipped, out, stride, up_kernel_size, top=index == len(strides) - 1)
            for index, (under, skipped, out, stride) in enumerate(
                zip(below, channels[-2::-1], outs, reversed(strides), strict=True)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Scores of each class (no softmax)."""
        self._check(x)
        skipped = []
        for level in self.down:
            x = level(x)
            skipped.append(x)
        x = self.bottom(x)
        for level in self.up:
            x = level(torch.cat([skipped.pop(), x], dim=1))
        return x

    def _check(self, x: Tensor) -> None:
        if x.ndim != self._dims + 2 or x.shape[1] != self.in_channels:
            axes = ", ".join("XYZ"[: self._dims])
            raise ValueError(f"UNet: the input must be [B, {self.in_channels}, {axes}], got {tuple(x.shape)}")
        if any(size % self.multiple for size in x.shape[2:]):
            raise ValueError(f"UNet: sizes must be multiples of {self.multiple}, got {tuple(x.shape[2:])}")

    def _going_down(self, into: int, out: int, stride: int, width: int) -> nn.Module:
        if self._units:
            return ResidualUnit(
                self._dims, into, out, subunits=self._units, stride=stride, kernel_size=width, **self._options
            )
        return Convolution(self._dims, into, out, stride=stride, kernel_size=width, **self._options)

    def _going_up(self, into: int, out: int, stride: int, width: int, *, top: bool) -> nn.Module:
        up = Convolution(
            self._dims,
            into,
            out,
            stride=stride,
            kernel_size=width,
            transposed=True,
            conv_only=top and not self._units,
            **self._options,
        )
        if not self._units:
            return up
        unit = ResidualUnit(self._dims, out, out, subunits=1, kernel_size=width, last_conv_only=top, **self._options)
        return nn.Sequential(up, unit)


def _check_levels(spatial_dims: int, channels: Sequence[int], strides: Sequence[int]) -> None:
    if spatial_dims not in (1, 2, 3):
        raise ValueError(f"spatial_dims must be 1, 2 or 3, got {spatial_dims}")
    if len(channels) < 2:
        raise ValueError(f"channels must have at least 2 levels, got {list(channels)}")
    if len(strides) != len(channels) - 1:
        raise ValueError(f"strides must be one less than channels ({len(channels)}), got {list(strides)}")
