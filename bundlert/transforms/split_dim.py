"""SplitDim: each channel for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Sample, Samples, as_keys, image_of
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np

    from bundlert.images.image import Image


class SplitDim:
    """Split an image [C, *S] into C images [1, *S], at `key_0`, `key_1` ...; it stays too. They share its memory.

    Args:
        keys: Images to split.
        output_postfixes: What to put behind the key and a `_`, one for each channel, instead of 0, 1 ...
        dim: Only 0, the channels.
        keepdim: Only true: an image has a channel axis.
        list_output: Whether to give a list of C samples instead, each with one channel at the key itself.

    Raises:
        ValueError: Another `dim`, or no `keepdim`.
    """

    def __init__(
        self,
        keys: Keys,
        output_postfixes: Sequence[str | int] | None = None,
        dim: int = 0,
        keepdim: bool = True,
        list_output: bool = False,
    ) -> None:
        self.keys = as_keys(keys)
        if dim != 0 or not keepdim:
            raise ValueError(f"dim must be 0 and keepdim true, got {dim} and {keepdim}")
        self.postfixes, self.list_output = output_postfixes, list_output

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Samples:  # noqa: ARG002 (no chance)
        """Give the sample with the parts, or the list of samples.

        Raises:
            ValueError: There are not as many postfixes as channels; for a list, keys differ in channels.
        """
        parts = {key: _channels(realize(image_of(sample, key))) for key in self.keys}
        if self.list_output:
            counts = sorted({len(part) for part in parts.values()})
            if len(counts) != 1:
                raise ValueError(f"list_output needs equally many channels for all keys, got {counts}")
            return [{**sample, **{key: part[index] for key, part in parts.items()}} for index in range(counts[0])]
        new = dict(sample)
        for key, part in parts.items():
            postfixes = range(len(part)) if self.postfixes is None else self.postfixes
            if len(postfixes) != len(part):
                raise ValueError(
                    f"output_postfixes must be {len(part)}, one for each channel of '{key}', got {postfixes}"
                )
            new |= {f"{key}_{postfix}": image for postfix, image in zip(postfixes, part, strict=True)}
        return new


def _channels(image: Image) -> list[Image]:
    return [image.with_data(image.data[index : index + 1]) for index in range(len(image.data))]
