"""AsDiscrete: probabilities become labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Sample, as_keys, image_of, per_key
from bundlert.transforms.label.likeliest import likeliest
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from bundlert.images.image import Image

_MOST_CLASSES = 256
_ROUNDINGS = ("torchrounding",)


class AsDiscrete:
    """Give labels: the largest channel, one-hot, 1 where a threshold is reached, or rounded; in this order.

    All is given once, or as a list with one for each key. The result is uint8, or of the image's dtype where nothing
    but `rounding` is asked.

    Args:
        keys: Network outputs, probabilities or labels [K, *S].
        argmax: [K, *S] becomes [1, *S]; of equal channels the first wins.
        to_onehot: [1, *S] becomes so many channels, each 1 where its label is.
        threshold: 1 where the value is `threshold` or more, 0 elsewhere.
        rounding: `torchrounding`: to the nearest whole number, halves to the even one.

    Raises:
        ValueError: Nothing is asked of any key, more than 256 channels, or another rounding.
    """

    def __init__(
        self,
        keys: Keys,
        argmax: bool | Sequence[bool] = False,
        to_onehot: int | Sequence[int | None] | None = None,
        threshold: float | Sequence[float | None] | None = None,
        rounding: str | Sequence[str | None] | None = None,
    ) -> None:
        self.keys = as_keys(keys)
        given = {"argmax": argmax, "to_onehot": to_onehot, "threshold": threshold, "rounding": rounding}
        by_name = {name: per_key(name, value, self.keys) for name, value in given.items()}
        self.steps = {key: _Steps(**{name: values[key] for name, values in by_name.items()}) for key in self.keys}
        if not any(steps.any for steps in self.steps.values()):
            raise ValueError(f"one of {', '.join(given)} must be given, got {list(given.values())}")
        for steps in self.steps.values():
            steps.check()

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with labels.

        Raises:
            DataError: More classes than uint8 can count, or one-hot of several channels or of labels beyond them.
        """
        return {**sample, **{key: self.steps[key].done(image_of(sample, key)) for key in self.keys}}


class _Steps(NamedTuple):
    """What to do with one image."""

    argmax: bool
    to_onehot: int | None
    threshold: float | None
    rounding: str | None

    @property
    def any(self) -> bool:
        return self.argmax or any(one is not None for one in self[1:])

    def check(self) -> None:
        if self.to_onehot is not None and not 1 <= self.to_onehot <= _MOST_CLASSES:
            raise ValueError(f"to_onehot must lie in 1..{_MOST_CLASSES}, got {self.to_onehot}")
        if self.rounding is not None and self.rounding not in _ROUNDINGS:
            raise ValueError(f"rounding must be one of {', '.join(_ROUNDINGS)}, got '{self.rounding}'")

    def done(self, image: Image) -> Image:
        if self.argmax and len(image.data) > _MOST_CLASSES:
            raise DataError(f"{image.name} has too many classes", got=str(len(image.data)), expected="256 at most")
        image = likeliest(image) if self.argmax else realize(image)
        data = image.data
        if self.to_onehot is not None:
            data = one_hot(data, self.to_onehot, image.name)
        if self.threshold is not None:
            data = (data >= self.threshold).to(torch.uint8)
        rounds = self.rounding is not None and data.dtype.is_floating_point
        return image.with_data(data.round() if rounds else data)


def one_hot(labels: Tensor, classes: int, name: str) -> Tensor:
    """[1, *S] as [classes, *S] in uint8, 1 where the label is.

    Raises:
        DataError: There are several channels, or labels beyond 0..classes - 1.
    """
    if len(labels) != 1:
        raise DataError(
            f"{name} is no label map", got=f"{len(labels)} channels", expected="1", hint="take argmax before"
        )
    low, high = (end.item() for end in labels.aminmax()) if labels.numel() else (0, 0)
    if not 0 <= low <= high < classes:
        raise DataError(f"{name} has labels beyond its classes", got=f"{low:g}..{high:g}", expected=f"0..{classes - 1}")
    channels = torch.empty((classes, *labels.shape[1:]), dtype=torch.uint8, device=labels.device)
    for label, channel in enumerate(channels):
        torch.eq(labels[0], label, out=channel)
    return channels
