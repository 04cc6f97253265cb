"""What all pads have in common: how much on each side, and what of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.text import listed
from bundlert.transforms.base import Keys, Sample, as_keys, image_of, per_key
from bundlert.transforms.crop.part import boxed, start_amid

if TYPE_CHECKING:
    import numpy as np

Modes = str | Sequence[str]
Boxes = tuple[Sequence[int], Sequence[int]]

METHODS = ("symmetric", "end")
# A mode as numpy and torch call it -> what `boxed` calls it; `constant` is the value.
_PADDINGS = {
    "border": "border",
    "edge": "border",
    "replicate": "border",
    "reflection": "reflection",
    "symmetric": "reflection",
    "reflect": "reflect",
    "wrap": "wrap",
    "circular": "wrap",
    "zeros": "zeros",
}


class PadTransform(ABC):
    """A step that gives each image the box that `box_of` names, and fills what lies outside.

    A pending wish stays one, and is fulfilled with the padding, unless an earlier step cut something off.

    Args:
        keys: Images to pad.
        mode: `constant` (by `value`), `edge` (the outermost voxel goes on), `symmetric` (mirrored at the outermost
            faces), `reflect` (mirrored at the outermost voxels) or `wrap`; one, or one per key.
        value: What `constant` pads with.

    Raises:
        ValueError: An unknown mode, or not as many as keys.
    """

    def __init__(self, keys: Keys, mode: Modes, value: float) -> None:
        self.keys = as_keys(keys)
        modes = per_key("mode", mode, self.keys)
        known: dict[str, str | float] = {**_PADDINGS, "constant": float(value)}
        for each in modes.values():
            if each not in known:
                raise ValueError(f"mode must be one of {listed(sorted(known))}, got '{each}'")
        self.paddings = {key: known[each] for key, each in modes.items()}

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the padded images."""
        new = dict(sample)
        for key, padding in self.paddings.items():
            image = image_of(sample, key)
            start, size = self.box_of(image.shape)
            if tuple(size) != image.shape or any(start):
                new[key] = boxed(image, start, size, padding)
        return new

    @abstractmethod
    def box_of(self, shape: tuple[int, ...]) -> Boxes:
        """The first voxel and the size of the box for an image of `shape`."""


def checked_method(method: str) -> str:
    """The method as it is.

    Raises:
        ValueError: It is none.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got '{method}'")
    return method


def box_around(size: Sequence[int], shape: Sequence[int], method: str) -> Boxes:
    """The box of `size` about the middle of an image: `start_amid`, or by `end` all padding behind it."""
    start = start_amid(size, shape)
    return ([max(first, 0) for first in start] if method == "end" else start), size
