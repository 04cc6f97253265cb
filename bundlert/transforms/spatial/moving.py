"""What all spatial steps have in common: each names another grid in the same world for the image of each key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.ops.resample import check_mode, check_padding
from bundlert.transforms.base import Keys, Params, RandomTransform, Sample, as_keys, image_of, per_key
from bundlert.transforms.lazy import wish

if TYPE_CHECKING:
    from bundlert.images.grid import Affine, Grid

Mode = str | Sequence[str]
Padding = str | float | Sequence[str | float]

# What the field also calls ours, by dimension or by another library.
_MODES = {"linear": "bilinear", "trilinear": "bilinear"}
_PADDINGS = {"constant": "zeros", "edge": "border", "replicate": "border", "symmetric": "reflection"}


class Resampling:
    """How voxels of each key are interpolated, and what lies outside.

    The one place where arguments `mode` and `padding_mode` are read: it takes the field's other names, too, `linear`
    and `trilinear` for `bilinear`, `edge` and `replicate` for `border`, `constant` for `zeros`, `symmetric` for
    `reflection`.

    Args:
        keys: The images.
        mode: `bilinear` or `nearest`, one or one per key; None where voxels only move, whole.
        padding_mode: `border`, `reflection`, `zeros` or a value, one or one per key; None where nothing lies outside.

    Raises:
        ValueError: An unknown mode or padding, or not as many as keys.
    """

    def __init__(self, keys: Keys, mode: Mode | None, padding_mode: Padding | None) -> None:
        self.keys = as_keys(keys)
        modes, paddings = per_key("mode", mode, self.keys), per_key("padding_mode", padding_mode, self.keys)
        self.modes = {key: _ours(each, _MODES) for key, each in modes.items()}
        self.paddings = {key: _ours(each, _PADDINGS) for key, each in paddings.items()}
        for each in self.modes.values():
            if each is not None:
                check_mode(each)
        for each in self.paddings.values():
            if each is not None:
                check_padding(each)

    def options(self, key: str) -> dict[str, Any]:
        """What `wish` needs for a key."""
        return {"mode": self.modes[key], "padding": self.paddings[key]}


def _ours(name: Any, names: dict[str, str]) -> Any:
    return names.get(name, name) if isinstance(name, str) else name


class GridTransform(ABC):
    """A spatial step without chance: the image of each key goes to the grid that `grid_of` names.

    Args:
        keys: Images to move.
        mode: As in `Resampling`.
        padding_mode: As in `Resampling`.
    """

    def __init__(self, keys: Keys, mode: Mode | None = None, padding_mode: Padding | None = None) -> None:
        self.resampling = Resampling(keys, mode, padding_mode)
        self.keys = self.resampling.keys

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Sample:  # noqa: ARG002 (no chance)
        """Wish for the other grids."""
        new = dict(sample)
        for key in self.keys:
            image = image_of(sample, key)
            new[key] = wish(image, self.grid_of(image.target), **self.resampling.options(key))
        return new

    @abstractmethod
    def grid_of(self, grid: Grid) -> Grid:
        """Where the voxels shall lie."""


class RandomGridTransform(RandomTransform):
    """A spatial step with chance: `choose` decides, `grid_of` names the grid.

    Args:
        keys: Images to move, all alike.
        prob: How likely it is that anything happens, 0 <= prob <= 1.
        mode: As in `Resampling`.
        padding_mode: As in `Resampling`.

    Raises:
        ValueError: A prob outside 0..1.
    """

    def __init__(self, keys: Keys, prob: float, mode: Mode | None = None, padding_mode: Padding | None = None) -> None:
        super().__init__(keys)
        self.prob = checked_prob(prob)
        self.resampling = Resampling(keys, mode, padding_mode)

    def draw(self, sample: Sample, rng: np.random.Generator) -> Params:
        """Give {} where nothing happens, else what was chosen."""
        order = len(image_of(sample, self.keys[0]).shape)
        return self.choose(order, rng) if rng.random() < self.prob else {}

    def apply(self, sample: Sample, params: Params) -> Sample:
        """Wish for the grids that were drawn."""
        if not params:
            return sample
        new = dict(sample)
        for key in self.keys:
            image = image_of(sample, key)
            new[key] = wish(image, self.grid_of(image.target, params), **self.resampling.options(key))
        return new

    @abstractmethod
    def choose(self, order: int, rng: np.random.Generator) -> Params:
        """Decide what happens to images of `order` axes."""

    @abstractmethod
    def grid_of(self, grid: Grid, params: Params) -> Grid:
        """Where the voxels shall lie."""


def checked_prob(prob: float) -> float:
    """A probability.

    Raises:
        ValueError: It lies outside 0..1.
    """
    if not 0 <= prob <= 1:
        raise ValueError(f"prob must be >= 0 and <= 1, got {prob}")
    return prob


def about_centre(linear: np.ndarray[Any, Any], grid: Grid, shape: Sequence[int] | None = None) -> Grid:
    """The grid that a linear map makes about the centre: its centred index `o` lies at the centred index `linear @ o`.

    Args:
        linear: n x n, or (n+1) x (n+1) with a translation in voxels.
        grid: What is mapped.
        shape: Of the new grid; the same if None.
    """
    shape = grid.shape if shape is None else tuple(shape)
    order = len(shape)
    matrix = np.eye(order + 1)
    matrix[: len(linear), : len(linear)] = linear
    return grid.moved(shape, _shift(grid.shape, 1) @ matrix @ _shift(shape, -1))


def _shift(shape: Sequence[int], sign: int) -> Affine:
    """The matrix from an index to one counted from the centre (-1), or back (1)."""
    matrix = np.eye(len(shape) + 1)
    matrix[:-1, -1] = sign * (np.array(shape) - 1) / 2
    return matrix


def one_per_axis(name: str, value: float | Sequence[float], order: int) -> tuple[float, ...]:
    """A value for each axis, where one may stand for all.

    Raises:
        ValueError: Neither one nor as many as axes.
    """
    values = tuple(value) if isinstance(value, (Sequence, np.ndarray)) else (value,) * order
    if len(values) != order:
        raise ValueError(f"{name} must be one value or {order}, got {values}")
    return values
