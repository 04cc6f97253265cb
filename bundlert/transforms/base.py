"""What a transform is: a sample goes in, a sample or several come out; images are found by their keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.text import did_you_mean, listed

if TYPE_CHECKING:
    import numpy as np

Sample = dict[str, Any]
Samples = Sample | list[Sample]
Keys = str | Sequence[str]
Params = dict[str, Any]


class SampleTransform(Protocol):
    """Anything that makes a sample, or several, of a sample."""

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Samples:
        """Give new samples; `sample` itself stays as it is."""


class Transform(ABC):
    """A step without chance: `apply` is called for the image of each key.

    Args:
        keys: The entries of a sample to change.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = as_keys(keys)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the images of all keys replaced."""
        return {**sample, **{key: self.apply(image_of(sample, key)) for key in self.keys}}

    @abstractmethod
    def apply(self, image: Image) -> Image:
        """Give the image that takes the place of `image`."""


class RandomTransform(ABC):
    """A step with chance: `draw` decides, `apply` obeys. What was drawn is a plain dict that JSON can hold.

    Args:
        keys: The entries of a sample to change.
    """

    random: ClassVar[bool] = True

    def __init__(self, keys: Keys) -> None:
        self.keys = as_keys(keys)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Samples:
        """Draw with `rng`, then apply.

        Raises:
            ValueError: No `rng` was given.
        """
        if rng is None:
            raise ValueError(f"{type(self).__name__} needs rng, a numpy.random.Generator")
        return self.apply(sample, self.draw(sample, rng))

    @abstractmethod
    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Decide by chance what to do with this sample."""

    @abstractmethod
    def apply(self, sample: Sample, params: Params) -> Samples:
        """Do what was drawn."""


def as_keys(keys: Keys) -> tuple[str, ...]:
    """One key or several as a tuple.

    Raises:
        ValueError: There is none.
    """
    found = (keys,) if isinstance(keys, str) else tuple(keys)
    if not found:
        raise ValueError("keys must name at least one entry of the sample, got none")
    return found


def per_key(name: str, value: Any, keys: Sequence[str]) -> dict[str, Any]:
    """An argument that is one value for all keys, or a list with one for each, by key.

    Raises:
        ValueError: The list is not as long as `keys`.
    """
    values = list(value) if isinstance(value, (list, tuple)) else [value] * len(keys)
    if len(values) != len(keys):
        raise ValueError(f"{name} must be one value or one per key ({listed(keys)}), got {values}")
    return dict(zip(keys, values, strict=True))


def entry_of(sample: Sample, key: str) -> Any:
    """The entry `key` of a sample.

    Raises:
        DataError: There is none.
    """
    if key not in sample:
        raise DataError(f"the sample has no '{key}'", got=listed(sample), hint=did_you_mean(key, sample))
    return sample[key]


def image_of(sample: Sample, key: str) -> Image:
    """The image at `key`.

    Raises:
        DataError: There is nothing, or no image.
    """
    entry = entry_of(sample, key)
    if not isinstance(entry, Image):
        raise DataError(
            f"'{key}' is not an image yet", got=f"{type(entry).__name__} {entry!s:.80}", hint="put LoadImage before"
        )
    return entry


def same_shape(sample: Sample, keys: Sequence[str]) -> None:
    """Make sure that the images of all keys have one spatial shape.

    Raises:
        DataError: They differ.
    """
    first, *others = (image_of(sample, key) for key in keys)
    for key, image in zip(keys[1:], others, strict=True):
        if image.shape != first.shape:
            raise DataError(
                f"'{keys[0]}' and '{key}' differ in shape",
                got=f"{first.shape} of {first.name}, {image.shape} of {image.name}",
                expected="image and label on one grid",
            )
