"""A loss at several scales of one network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_MODES = ("exp", "same", "two")


class DeepSupervisionLoss(nn.Module):
    """The weighted sum of another loss at each output of a network, the finest first.

    A target is brought to an output's grid by its nearest voxels: those around the centres of the coarser ones.

    Source: Lee et al., Deeply-supervised nets, AISTATS 2015; Isensee et al., nnU-Net, Nature Methods 2021.

    Args:
        loss: The other loss; it takes an input and a target.
        weight_mode: `exp` for weights 1, 1/2, 1/4 ..., `same` for 1, `two` for 1 and then 1/2.
        weights: The weights themselves, instead of a mode; more of them than outputs do no harm.

    Shape:
        input [B, K, *S], or several [B, K, *S_i]; target [B, C, *S] -> what the loss gives.

    Raises:
        ValueError: An unknown mode, no outputs, fewer weights than outputs, an output whose batch isn't the target's.
    """

    def __init__(self, loss: nn.Module, weight_mode: str = "exp", weights: Sequence[float] | None = None) -> None:
        super().__init__()
        if weight_mode not in _MODES:
            raise ValueError(f"weight_mode must be one of {', '.join(_MODES)}, got '{weight_mode}'")
        self.loss, self.weight_mode = loss, weight_mode
        self.weights = None if weights is None else tuple(weights)

    def forward(self, input: Tensor | Sequence[Tensor], target: Tensor) -> Tensor:  # noqa: A002 (the field's name)
        """The weighted sum over outputs."""
        outputs = [input] if isinstance(input, Tensor) else list(input)
        weights = self._weights(len(outputs))
        total: Tensor = weights[0] * self.loss(outputs[0], _on_grid(target, outputs[0]))
        for weight, output in zip(weights[1:], outputs[1:], strict=True):
            total = total + weight * self.loss(output, _on_grid(target, output))
        return total

    def _weights(self, outputs: int) -> Sequence[float]:
        if not outputs or (self.weights is not None and len(self.weights) < outputs):
            raise ValueError(f"input must have 1 to {len(self.weights or ()) or 'any'} outputs, got {outputs}")
        if self.weights is not None:
            return self.weights[:outputs]
        if self.weight_mode == "exp":
            return [0.5**number for number in range(outputs)]
        return [1.0 if self.weight_mode == "same" or number == 0 else 0.5 for number in range(outputs)]


def _on_grid(target: Tensor, output: Tensor) -> Tensor:
    """The target's voxels nearest to the centres of an output's."""
    if target.ndim != output.ndim or target.shape[0] != output.shape[0]:
        shapes = f"{tuple(output.shape)} and {tuple(target.shape)}"
        raise ValueError(f"input and target must be [B, K, *S] and [B, C, *S] of one batch, got {shapes}")
    for axis in range(2, target.ndim):
        have, want = target.shape[axis], output.shape[axis]
        if have != want:
            centres = (torch.arange(want, device=target.device) * 2 + 1) * have // (2 * want)
            target = target.index_select(axis, centres)
    return target
