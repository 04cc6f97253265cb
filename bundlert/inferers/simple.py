"""The whole image at once."""

from __future__ import annotations

from torch import Tensor, nn


class SimpleInferer:
    """Apply the network to the image as it is."""

    def __call__(self, network: nn.Module, images: Tensor) -> Tensor:
        """[B, C, *S] -> what the network gives."""
        result: Tensor = network(images)
        return result
