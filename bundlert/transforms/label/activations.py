"""Activations: logits become probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch

from bundlert.transforms.base import Keys, Sample, as_keys, image_of, per_key
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class Activations:
    """Apply softmax over the channels, sigmoid to each, or a function, in float32.

    Each is given once, or as a list with one for each key; with a list, nothing may be asked of some keys.

    Args:
        keys: Network outputs [K, *S].
        softmax: For classes that exclude each other.
        sigmoid: For classes that don't.
        other: A function, or a layer of torch.nn, from [K, *S] to [L, *S].

    Raises:
        ValueError: Not exactly one of the three was chosen.
    """

    def __init__(
        self,
        keys: Keys,
        softmax: bool | Sequence[bool] = False,
        sigmoid: bool | Sequence[bool] = False,
        other: Callable[[Tensor], Tensor] | Sequence[Callable[[Tensor], Tensor] | None] | None = None,
    ) -> None:
        self.keys = as_keys(keys)
        given = {"softmax": softmax, "sigmoid": sigmoid, "other": other}
        by_name = {name: per_key(name, value, self.keys) for name, value in given.items()}
        chosen = {key: [name for name, values in by_name.items() if values[key]] for key in self.keys}
        lists = any(isinstance(value, (list, tuple)) for value in given.values())
        if max(map(len, chosen.values())) != 1 or (not lists and min(map(len, chosen.values())) != 1):
            raise ValueError(f"one of softmax, sigmoid and other must be true, got {softmax=}, {sigmoid=}, {other=}")
        known: dict[str, Callable[[Tensor], Tensor]] = {"softmax": _softmax, "sigmoid": torch.sigmoid}
        self.functions: dict[str, Any] = {
            key: known.get(names[0], by_name["other"][key]) for key, names in chosen.items() if names
        }

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with probabilities."""
        images = {key: realize(image_of(sample, key)) for key in self.functions}
        changed = {key: image.with_data(self.functions[key](image.data.float())) for key, image in images.items()}
        return {**sample, **changed}


def _softmax(data: Tensor) -> Tensor:
    return data.softmax(dim=0)
