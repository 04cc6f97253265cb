"""How far what one backend gives is from what another gives."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan
from typing import NamedTuple

from torch import Tensor

MOST_IN_FP32 = 1e-3
"""What float32 backends may differ by, where values are of the size of scores; larger values may by 1e-5 of them."""

_SHARE_OF_LARGE_VALUES = 1e-5


class Agreement(NamedTuple):
    """How two results differ.

    Attributes:
        difference: The greatest absolute difference; NaN where one has none and the other has.
        argmax_differs: The share of voxels whose greatest channel is another; 0 where there is but one channel.
        allowed: What float32 may differ by.
    """

    difference: float
    argmax_differs: float
    allowed: float

    def close(self, precision: str) -> bool:
        """Whether the difference may be one of rounding; shorter types than float32 only must not lose numbers."""
        return self.difference <= self.allowed if precision == "fp32" else isfinite(self.difference)

    def __str__(self) -> str:
        return f"differs by {self.difference:.1e} at most, argmax in {self.argmax_differs:.3%} of voxels"


def agreement(found: Sequence[Tensor], expected: Sequence[Tensor]) -> Agreement:
    """Compare the tensors of two outputs, [N, K, *R] each.

    Raises:
        ValueError: They have other shapes.
    """
    shapes = [[tuple(part.shape) for part in parts] for parts in (found, expected)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"outputs of shapes {shapes[0]} can't be compared with {shapes[1]}")
    pairs = [
        (one.detach().float().cpu(), other.detach().float().cpu()) for one, other in zip(found, expected, strict=True)
    ]
    differences = [float((one - other).abs().max()) for one, other in pairs]
    labelled = [(one.argmax(1) != other.argmax(1)).float().mean() for one, other in pairs if one.shape[1] > 1]
    largest = max(float(other.abs().max()) for _, other in pairs)
    worst = float("nan") if any(map(isnan, differences)) else max(differences)
    allowed = max(MOST_IN_FP32, _SHARE_OF_LARGE_VALUES * largest)
    return Agreement(worst, float(max(labelled, default=0.0)), allowed)
