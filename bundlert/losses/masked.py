"""A loss within a mask."""

from __future__ import annotations

from torch import Tensor, nn


class MaskedLoss(nn.Module):
    """Another loss of input and target, both 0 where the mask is.

    It fits losses that two zeros cost nothing: of differences, or of overlap where scores are probabilities. A mean
    still goes over all voxels.

    Args:
        loss: The other loss; it takes an input and a target.

    Shape:
        input and target as the loss takes them, mask [B or 1, C or 1, *S] -> what the loss gives.

    Raises:
        ValueError: A mask that doesn't fit the input.
    """

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, input: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: A002 (the field's name)
        """The loss within the mask; everywhere, if there is none."""
        if mask is not None:
            _check(mask, input)
            input, target = input * mask, target * mask  # noqa: A001
        found: Tensor = self.loss(input, target)
        return found


def _check(mask: Tensor, scores: Tensor) -> None:
    fits = mask.ndim == scores.ndim and mask.shape[2:] == scores.shape[2:]
    if not fits or any(mask.shape[axis] not in (1, scores.shape[axis]) for axis in (0, 1)):
        wanted = "[B or 1, C or 1, *S]"
        raise ValueError(f"mask must be {wanted} of input {tuple(scores.shape)}, got {tuple(mask.shape)}")
