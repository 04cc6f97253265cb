"""Residual units: a chain of convolutions, and a way around it."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from bundlert.networks.blocks.convolution import Convolution
from bundlert.networks.blocks.layers import CONVOLUTIONS


class ResidualUnit(nn.Module):
    """Convolutions summed with a shortcut; no activation after the sum.

    The shortcut is the identity where shapes agree, a 1-wide convolution where only channels change, and a strided one
    of the full width where the size changes. Source: Kerfoot et al., STACOM 2018.

    Args:
        spatial_dims: 1, 2 or 3.
        in_channels: Channels that come in.
        out_channels: Channels that go out.
        subunits: Convolutions in the chain; the first has the stride.
        stride: Step of the first convolution.
        kernel_size: Width of the kernels.
        last_conv_only: Whether the last convolution has no norm and activation.
        options: `act`, `norm`, `dropout`, `bias` of `Convolution`.

    Shape:
        [B, in_channels, *S] -> [B, out_channels, *S / stride]
    """

    def __init__(
        self,
        spatial_dims: int,
        in_channels: int,
        out_channels: int,
        *,
        subunits: int,
        stride: int = 1,
        kernel_size: int = 3,
        last_conv_only: bool = False,
        **options: Any,
    ) -> None:
        super().__init__()
        units = [
            Convolution(
                spatial_dims,
                out_channels if index else in_channels,
                out_channels,
                kernel_size=kernel_size,
                stride=1 if index else stride,
                conv_only=last_conv_only and index == subunits - 1,
                **options,
            )
            for index in range(subunits)
        ]
        self.chain = nn.Sequential(*units)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            width = kernel_size if stride != 1 else 1
            self.shortcut = CONVOLUTIONS[spatial_dims](
                in_channels, out_channels, width, stride, (width - 1) // 2, bias=options.get("bias", True)
            )

    def forward(self, x: Tensor) -> Tensor:
        """The chain's result plus the shortcut's."""
        result: Tensor = self.chain(x) + self.shortcut(x)
        return result
