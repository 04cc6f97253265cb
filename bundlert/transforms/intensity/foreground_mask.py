"""ForegroundMask: tissue against the bright ground of a slide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch

from bundlert.errors import DataError
from bundlert.transforms.base import Keys, Sample, as_keys, image_of
from bundlert.transforms.intensity.otsu import otsu_threshold
from bundlert.transforms.lazy import realize

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from bundlert.images.image import Image

Threshold = float | str | Mapping[str, float | str]
_OTSU = "otsu"


class ForegroundMask:
    """Give a mask [1, *S] as uint8, 1 where an RGB or grey image [3 or 1, *S] has tissue: dark, and coloured.

    Dark is a voxel with R, G or B up to its threshold. With `hsv_threshold` it must also have hue, saturation or value
    above its threshold; all three lie in 0..1, the value as part of the greatest of an integer dtype, 255 for instance.

    Args:
        keys: Images to look at.
        threshold: A number or `otsu` for R, G and B, or a mapping with some of them, `{R: 200, G: otsu}` for instance.
        hsv_threshold: The same for H, S and V; null to leave colour out.
        invert: Whether tissue is bright: the negative image is looked at, whose greatest value becomes its least.
        new_key_prefix: Put the mask at this and the key, and leave the image; at the key itself if not given.

    Raises:
        ValueError: A threshold is neither a number nor `otsu`, or for a channel that isn't there.
    """

    def __init__(
        self,
        keys: Keys,
        threshold: float | str | Mapping[str, float | str] = "otsu",
        hsv_threshold: float | str | Mapping[str, float | str] | None = None,
        invert: bool = False,
        new_key_prefix: str | None = None,
    ) -> None:
        self.keys = as_keys(keys)
        self.dark = _by_letter("threshold", threshold, "RGB")
        self.coloured = {} if hsv_threshold is None else _by_letter("hsv_threshold", hsv_threshold, "HSV")
        self.invert, self.prefix = invert, new_key_prefix or ""

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Give the sample with the masks.

        Raises:
            DataError: An image has neither 1 nor 3 channels.
        """
        images = {key: realize(image_of(sample, key)) for key in self.keys}
        masks = {f"{self.prefix}{key}": image.with_data(self._mask(image)) for key, image in images.items()}
        return {**sample, **masks}

    def _mask(self, image: Image) -> Tensor:
        data = image.data
        if len(data) not in (1, 3):
            raise DataError(f"{image.name} is neither grey nor RGB", got=f"{len(data)} channels", expected="1 or 3")
        data = data.expand(3, *data.shape[1:])
        if self.invert:
            data = data.amax() - data + data.amin()
        found = _any_beyond(data, {"RGB".index(one): wanted for one, wanted in self.dark.items()}, above=False)
        if self.coloured:
            hsv = _hsv(data.to(torch.float32) / (1 if data.dtype.is_floating_point else torch.iinfo(data.dtype).max))
            found &= _any_beyond(hsv, {"HSV".index(one): wanted for one, wanted in self.coloured.items()}, above=True)
        return found[None].to(torch.uint8)


def _by_letter(name: str, given: Threshold, letters: str) -> dict[str, float | str]:
    wanted = dict(given) if isinstance(given, Mapping) else dict.fromkeys(letters, given)
    fits = all(one in letters and (value == _OTSU or isinstance(value, (int, float))) for one, value in wanted.items())
    if not wanted or not fits:
        raise ValueError(f"{name} must be a number or 'otsu', or such for some of {', '.join(letters)}, got {given}")
    return wanted


def _any_beyond(data: Tensor, wanted: dict[int, float | str], *, above: bool) -> Tensor:
    """Where any of some channels is up to its threshold, or above it."""
    found = torch.zeros(data.shape[1:], dtype=torch.bool, device=data.device)
    for channel, one in wanted.items():
        threshold = otsu_threshold(data[channel]) if isinstance(one, str) else one
        found |= data[channel] > threshold if above else data[channel] <= threshold
    return found


def _hsv(rgb: Tensor) -> Tensor:
    """Hue, saturation and value in 0..1 of colours [3, *S]; grey has hue and saturation 0 (Smith 1978)."""
    value, most = rgb.max(dim=0)
    reach = value - rgb.amin(dim=0)
    red, green, blue = rgb
    sixth = torch.stack([green - blue, blue - red, red - green]).gather(0, most[None])[0] / reach + 2 * most
    hue = (sixth / 6 % 1).where(reach > 0, 0)
    saturation = (reach / value).where(value > 0, 0)
    return torch.stack([hue, saturation, value])
