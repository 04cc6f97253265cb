"""A convolution with norm, dropout and activation behind it."""

from __future__ import annotations

from torch import Tensor, nn

from bundlert.networks.blocks.layers import CONVOLUTIONS, DROPOUTS, TRANSPOSED, Named, make_activation, make_norm


class Convolution(nn.Module):
    """Convolution, norm, dropout, activation, in this order; sizes stay, or change by the stride exactly.

    Args:
        spatial_dims: 1, 2 or 3.
        in_channels: Channels that come in.
        out_channels: Channels that go out.
        kernel_size: Odd width of the kernel, in voxels.
        stride: Step of the kernel; a transposed convolution makes the image larger by it.
        act: Activation, see `make_activation`.
        norm: Normalisation, see `make_norm`.
        dropout: Share of channels set to zero in training.
        bias: Whether the convolution has a bias.
        transposed: Whether it is a transposed convolution.
        conv_only: Nothing behind the convolution.

    Shape:
        [B, in_channels, *S] -> [B, out_channels, *S / stride], or * stride if transposed.
    """

    def __init__(
        self,
        spatial_dims: int,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        act: Named = "PRELU",
        norm: Named = "INSTANCE",
        dropout: float = 0.0,
        bias: bool = True,
        transposed: bool = False,
        conv_only: bool = False,
    ) -> None:
        super().__init__()
        padding = (kernel_size - 1) // 2
        if transposed:
            self.conv = TRANSPOSED[spatial_dims](
                in_channels, out_channels, kernel_size, stride, padding, output_padding=stride - 1, bias=bias
            )
        else:
            self.conv = CONVOLUTIONS[spatial_dims](in_channels, out_channels, kernel_size, stride, padding, bias=bias)
        behind: list[nn.Module] = []
        if not conv_only:
            behind = [make_norm(norm, spatial_dims, out_channels)]
            behind += [DROPOUTS[spatial_dims](dropout)] if dropout else []
            behind += [make_activation(act)]
        self.behind = nn.Sequential(*behind)

    def forward(self, x: Tensor) -> Tensor:
        """Apply all in turn."""
        result: Tensor = self.behind(self.conv(x))
        return result
