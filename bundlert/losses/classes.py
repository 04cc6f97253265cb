"""What losses over classes share: how channels become classes, what fits what, and the last step to one number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

REDUCTIONS = ("mean", "sum", "none")


@dataclass(frozen=True)
class Classes:
    """How scores and targets are read as classes.

    Attributes:
        include_background: Whether class 0 counts.
        to_onehot_y: Whether the target is a label map.
        sigmoid: Whether scores become probabilities by a sigmoid.
        softmax: Whether scores become probabilities by a softmax.

    Raises:
        ValueError: Both sigmoid and softmax.
    """

    include_background: bool = True
    to_onehot_y: bool = False
    sigmoid: bool = False
    softmax: bool = False

    def __post_init__(self) -> None:
        """Refuse what excludes each other."""
        if self.sigmoid and self.softmax:
            raise ValueError("sigmoid and softmax exclude each other, got both")

    def check(self, scores: Tensor, target: Tensor) -> None:
        """Refuse what doesn't fit.

        Raises:
            ValueError: Shapes that don't agree, or one channel where it takes classes to choose from.
        """
        if scores.ndim < 2:
            raise ValueError(f"input must be [B, K, *S], got {tuple(scores.shape)}")
        if self.to_onehot_y:
            expected = (scores.shape[0], 1, *scores.shape[2:])
            if tuple(target.shape) != expected:
                raise ValueError(
                    f"target must be a label map {expected} for input {tuple(scores.shape)}, got {tuple(target.shape)}"
                )
        elif target.shape != scores.shape:
            shapes = f"{tuple(scores.shape)} and {tuple(target.shape)}"
            raise ValueError(f"input and target must have one shape [B, K, *S], got {shapes}")
        if scores.shape[1] == 1 and (self.to_onehot_y or self.softmax or not self.include_background):
            raise ValueError(
                f"softmax, to_onehot_y and include_background=False need two classes or more, got {tuple(scores.shape)}"
            )

    def counted(self, values: Tensor, axis: int = 1) -> Tensor:
        """The classes that count, of values that have all on an axis."""
        return values if self.include_background else values.narrow(axis, 1, values.shape[axis] - 1)


def as_classes(labels: Tensor, classes: int) -> Tensor:
    """A label map [B, 1, *S] as one channel a class, [B, K, *S].

    Raises:
        ValueError: More than one channel.
    """
    if labels.shape[1] != 1:
        raise ValueError(f"a label map must be [B, 1, *S], got {tuple(labels.shape)}")
    known = torch.arange(classes, device=labels.device, dtype=labels.dtype)
    return labels == known.view(1, classes, *[1] * (labels.ndim - 2))


def check_reduction(reduction: str) -> str:
    """A known way from many values to one.

    Raises:
        ValueError: An unknown one.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, got '{reduction}'")
    return reduction


def reduced(values: Tensor, reduction: str) -> Tensor:
    """The mean, the sum, or the values as they are."""
    if reduction == "none":
        return values
    return values.mean() if reduction == "mean" else values.sum()


def class_weight(weight: Sequence[float] | float | Tensor | None) -> Tensor | None:
    """Factors of classes in float32; one number is one for all.

    Raises:
        ValueError: A negative factor.
    """
    if weight is None:
        return None
    factors = torch.as_tensor(weight, dtype=torch.float32).detach().clone()
    if (factors < 0).any():
        raise ValueError(f"weight must be >= 0, got {factors.tolist()}")
    return factors


def fitted_weight(weight: Tensor, values: Tensor) -> Tensor:
    """Factors that fit the last axis of values, on their device.

    Raises:
        ValueError: Another number of factors than of classes.
    """
    if weight.ndim and weight.shape != values.shape[-1:]:
        raise ValueError(f"weight must have one factor for each of {values.shape[-1]} classes, got {weight.tolist()}")
    return weight.to(values)
