"""NormalizeIntensity: mean 0, standard deviation 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys
from bundlert.transforms.intensity.spread import centred
from bundlert.transforms.intensity.voxels import VoxelTransform

if TYPE_CHECKING:
    from torch import Tensor

Values = float | Sequence[float] | None


class NormalizeIntensity(VoxelTransform):
    """Subtract the mean and divide by the standard deviation (of the voxels, not of a sample), as float32.

    A deviation of 0 counts as 1: a constant image becomes 0. Values that aren't finite don't count.

    Args:
        keys: Images to normalise.
        subtrahend: What to subtract instead of the mean; with `channel_wise` also a list with one for each channel.
        divisor: What to divide by instead of the deviation; as `subtrahend`.
        nonzero: Whether zeros neither count nor change.
        channel_wise: Whether each channel has its own mean and deviation.

    Raises:
        ValueError: A divisor is 0, or a list is given without `channel_wise`.
    """

    def __init__(
        self,
        keys: Keys,
        subtrahend: float | Sequence[float] | None = None,
        divisor: float | Sequence[float] | None = None,
        nonzero: bool = False,
        channel_wise: bool = False,
    ) -> None:
        super().__init__(keys)
        for name, given in (("subtrahend", subtrahend), ("divisor", divisor)):
            if isinstance(given, Sequence) and not channel_wise:
                raise ValueError(f"{name} must be one number without channel_wise, got {given}")
        if 0 in (divisor if isinstance(divisor, Sequence) else [divisor]):
            raise ValueError(f"divisor must not be 0, got {divisor}")
        self.subtrahend, self.divisor = subtrahend, divisor
        self.nonzero, self.channel_wise = nonzero, channel_wise

    def changed(self, data: Tensor) -> Tensor:
        """Normalise the voxels.

        Raises:
            ValueError: A list has not as many numbers as there are channels.
        """
        if not self.channel_wise:
            return self._normalized(data, self.subtrahend, self.divisor)
        count = len(data)
        pairs = zip(
            _each("subtrahend", self.subtrahend, count), _each("divisor", self.divisor, count), data, strict=True
        )
        return torch.stack([self._normalized(part, less, by) for less, by, part in pairs])

    def _normalized(self, data: Tensor, subtrahend: Values, divisor: Values) -> Tensor:
        mask = data != 0 if self.nonzero else None
        new, std = data, 1.0
        if subtrahend is None or divisor is None:
            new, _, std = centred(data, mask)
        if subtrahend is not None:
            new = data - subtrahend  # type: ignore[operator]  # one number by now
        new.div_((std or 1.0) if divisor is None else divisor)  # type: ignore[arg-type]
        return new if mask is None else new.masked_fill_(mask.logical_not_(), 0)


def _each(name: str, given: Values, count: int) -> list[float | None]:
    """One value for each channel."""
    if not isinstance(given, Sequence):
        return [given] * count
    if len(given) != count:
        raise ValueError(f"{name} must have one number for each of {count} channels, got {list(given)}")
    return list(given)
